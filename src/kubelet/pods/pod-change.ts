import type { Pod } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { kubeletConditions } from '../status/conditions.ts'

/** Whether something changed that the pod's worker has to know: all but what the kubelet itself writes. */
export function matters(old: Pod, pod: Pod): boolean {
  const { metadata: before } = old
  const { metadata: after } = pod
  if (before.deletionTimestamp !== after.deletionTimestamp) return true
  if (before.deletionGracePeriodSeconds !== after.deletionGracePeriodSeconds) return true
  if (!jsonEqual(before.labels, after.labels) || !jsonEqual(before.annotations, after.annotations)) return true
  if (before.generation !== after.generation || !jsonEqual(old.spec, pod.spec)) return true
  if (old.status?.phase !== pod.status?.phase) return true
  return !jsonEqual(foreignConditions(old), foreignConditions(pod))
}

const foreignConditions = (pod: Pod) => pod.status?.conditions?.filter(({ type }) => !kubeletConditions.has(type)) ?? []
