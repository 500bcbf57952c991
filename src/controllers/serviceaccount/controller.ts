import { namespaces } from '../../api/core/v1/namespace.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { ServiceAccount } from '../../api/types.generated.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { reconcile } from './reconcile.ts'

/** ServiceAccount: gives every namespace its default one. */
export const serviceAccountController = defineController({
  name: 'service-account-controller',
  for: namespaces,
  watches: [
    watching<ServiceAccount>({
      ref: serviceAccounts,
      keys: ({ type, object }) => (type === 'deleted' ? [object.metadata.namespace ?? ''] : []),
    }),
  ],
  reconcile,
})
