import type { Pod, StatefulSet } from '../../api/types.generated.ts'
import { scaledValue } from '../../machinery/int-or-percent.ts'
import { isTerminating, isUnavailable, revisionOf } from './stateful-pod.ts'

/**
 * The pods to delete so that they come back with the update's revision, from the highest number down to the partition
 * (stateful_set_control.go updateStatefulSetAfterInvariantEstablished). `replicas`: by number, from the first one.
 */
export function toReplace(
  { spec }: StatefulSet,
  replicas: readonly (Pod | undefined)[],
  updateRevision: string,
  now: number,
): readonly Pod[] {
  const { partition = 0, maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {}
  const limit = Math.max(1, scaledValue(maxUnavailable, spec.replicas ?? 1, 'down'))
  const isOut = (pod: Pod) => isUnavailable(pod, spec.minReadySeconds ?? 0, now)
  const isOld = (pod: Pod) => revisionOf(pod) !== updateRevision && !isTerminating(pod)
  const isParallel = spec.podManagementPolicy === 'Parallel'

  const out = replicas.filter((pod) => pod === undefined || isOut(pod))
  const brokenOnes = isParallel && out.some((pod) => pod !== undefined && isOld(pod))
  if (out.length >= limit && !brokenOnes) return []

  const old = replicas
    .slice(partition)
    .reverse()
    .filter((pod) => pod !== undefined)
    .filter(isOld)
  const budget = Math.max(0, limit - out.length)
  if (!isParallel) return old.slice(0, budget)
  // Those that do not work anyway cost nothing.
  return [...old.filter(isOut), ...old.filter((pod) => !isOut(pod)).slice(0, budget)]
}
