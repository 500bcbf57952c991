import type { Pod, PodStatus } from '../../api/types.generated.ts'
import { podCondition } from './pod-state.ts'

/** A patch of a pod's status that says why the pod is ended (KEP-3329). `more`: other members of the status. */
export function disruptionPatch(
  pod: Pod,
  reason: string,
  message: string,
  time: string,
  more: Partial<PodStatus> = {},
): unknown {
  const present = podCondition(pod, 'DisruptionTarget')
  const lastTransitionTime = present?.status === 'True' ? present.lastTransitionTime : time
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime }
  return { metadata: { uid: pod.metadata.uid }, status: { ...more, conditions: [condition] } }
}
