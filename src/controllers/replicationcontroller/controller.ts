import { pods } from '../../api/core/v1/pod.ts'
import { replicationControllers } from '../../api/core/v1/replication-controller.ts'
import type { Pod, ReplicationController } from '../../api/types.generated.ts'
import { selectorOfLabels } from '../../machinery/labels/selector.ts'
import { isPodActive } from '../pods/pod-state.ts'
import { adoption, defineController } from '../runtime/define-controller.ts'
import { reconcile } from './reconcile.ts'

/** ReplicationController: the elder of ReplicaSet. */
export const replicationController = defineController({
  name: 'replication-controller',
  for: replicationControllers,
  owns: [pods],
  adopts: [
    adoption<ReplicationController, Pod>({
      ref: pods,
      selector: (rc) => selectorOfLabels(rc.spec.selector),
      filter: isPodActive,
    }),
  ],
  reconcile,
})
