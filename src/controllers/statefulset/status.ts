import type { Pod, StatefulSet, StatefulSetStatus } from '../../api/types.generated.ts'
import { isPodAvailable } from '../pods/pod-state.ts'
import type { Revisions } from './revisions.ts'
import { isRunningAndReady, isTerminating, revisionOf } from './stateful-pod.ts'

/** What is there. `replaced`: how many of the pods have just been deleted for an update. */
export function countedStatus(
  set: StatefulSet,
  all: readonly Pod[],
  { current, update, collisionCount }: Revisions,
  replaced: number,
  now: number,
): StatefulSetStatus {
  const wanted = set.spec.replicas ?? 1
  const ready = all.filter(isRunningAndReady)
  const staying = all.filter((pod) => !isTerminating(pod))
  const updated = staying.filter((pod) => revisionOf(pod) === update.name).length
  const complete = updated === wanted && ready.length === wanted && all.length === wanted
  return {
    ...set.status,
    observedGeneration: set.metadata.generation,
    replicas: all.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length,
    currentReplicas: complete ? updated : staying.filter((pod) => revisionOf(pod) === current.name).length - replaced,
    updatedReplicas: updated,
    currentRevision: complete ? update.name : current.name,
    updateRevision: update.name,
    collisionCount,
  }
}
