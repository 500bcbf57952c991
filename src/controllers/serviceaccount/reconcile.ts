import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Namespace } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import type { Plan } from '../runtime/plan.ts'

/** Every namespace has the service account `default` (pkg/controller/serviceaccount/serviceaccounts_controller.go). */
export function reconcile({ object: namespace, view }: Observed<Namespace>): Plan {
  const { name = '' } = namespace.metadata
  if (namespace.status?.phase !== 'Active' || view(serviceAccounts).get(`${name}/default`) !== undefined) return {}
  return {
    steps: [
      {
        do: 'create',
        ref: serviceAccounts,
        object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } },
        ignore: (error) => isNamespaceTerminating(error) || isReason(error, 'AlreadyExists'),
      },
    ],
  }
}
