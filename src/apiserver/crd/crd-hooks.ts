import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Draft } from '../../machinery/json.ts'
import { markedDeletion } from '../registry/marked-deletion.ts'
import type { RegistryHooks } from '../registry/registry-hooks.ts'
import { withCondition } from './crd-status.ts'

/** Holds a definition that is being deleted until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** The first DELETE of a definition marks it; the controller then removes its objects (apiextensions etcd.go Delete). */
export function crdHooks(clock: Clock): RegistryHooks {
  return {
    beginDelete: markedDeletion(clock, {
      on: { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
      refusal: 'precondition failed',
      again: () => undefined,
      mark(draft, _options, now) {
        const crd = draft as Draft<CustomResourceDefinition>
        crd.metadata.finalizers = [...new Set([...(crd.metadata.finalizers ?? []), cleanupFinalizer])]
        crd.status.conditions = withCondition(
          crd.status.conditions,
          {
            type: 'Terminating',
            status: 'True',
            reason: 'InstanceDeletionPending',
            message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          },
          now,
        ) as Draft<CustomResourceDefinition>['status']['conditions']
      },
    }),
  }
}
