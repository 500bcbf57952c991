import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, ReplicaSet } from '../../api/types.generated.ts'
import { isPodReady, timeOf } from '../pods/pod-state.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import type { Measure } from '../runtime/define-controller.ts'
import type { Step } from '../runtime/plan.ts'

const ratios = controllerMetrics((registry) =>
  registry
    .histogram(
      'replicaset_controller_sorting_deletion_age_ratio',
      'Age of a pod that goes by the age of the youngest that is ready.',
      exponentialBuckets(0.25, 2, 6),
    )
    .labels(),
)

/** How old pods are that have to go (pkg/controller/replicaset/metrics). */
export const measure: Measure<ReplicaSet> = (context) => {
  const ratio = ratios(context)
  return ({ owned, now }, { steps = [] }) => {
    const leaving = steps.flatMap(deleted).filter(isPodReady)
    const ageMs = ({ metadata }: Pod) => now - (timeOf(metadata.creationTimestamp) ?? now)
    const youngestMs = leaving.length === 0 ? 0 : Math.min(...owned(pods).filter(isPodReady).map(ageMs))
    return () => {
      for (const pod of leaving) if (youngestMs > 0) ratio.observe(Math.trunc(ageMs(pod) / youngestMs))
    }
  }
}

function deleted(step: Step): Pod[] {
  if (step.do !== 'batch') return []
  return step.writes.flatMap((write) => (write.do === 'delete' && write.ref === pods ? [write.object as Pod] : []))
}
