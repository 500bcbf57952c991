import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, ReplicaSet } from '../../api/types.generated.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { isPodActive } from '../pods/pod-state.ts'
import { adoption, defineController } from '../runtime/define-controller.ts'
import { measure } from './metrics.ts'
import { reconcile } from './reconcile.ts'

/** ReplicaSet: keeps so many pods of one template. */
export const replicaSetController = defineController({
  name: 'replicaset-controller',
  for: replicaSets,
  owns: [pods],
  adopts: [
    adoption<ReplicaSet, Pod>({ ref: pods, selector: (rs) => cachedSelector(rs.spec.selector), filter: isPodActive }),
  ],
  measure,
  reconcile,
})
