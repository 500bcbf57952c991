import { volumeClaimName } from '../../api/core/v1/pod/volume-claim.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimCondition, Pod } from '../../api/types.generated.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { isPodTerminal } from '../pods/pod-state.ts'

/** `namespace/name` of the claims that a pod names. */
export function claimKeysOf(pod: Pod): string[] {
  return (pod.spec?.volumes ?? [])
    .map((volume) => volumeClaimName(pod.metadata.name, volume))
    .filter((name) => name !== undefined)
    .map((name) => `${pod.metadata.namespace ?? ''}/${name}`)
}

function names(pod: Pod, claim: PersistentVolumeClaim, ephemeralCounts: boolean): boolean {
  return (pod.spec?.volumes ?? []).some((volume) => {
    if (volumeClaimName(pod.metadata.name, volume) !== claim.metadata.name) return false
    if (volume.ephemeral === undefined) return true
    return ephemeralCounts && controllerOf(claim)?.uid === pod.metadata.uid
  })
}

/** The kubelet is done with it, or it was forced away: only finalizers keep it. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0
}

/** Whether a pod keeps a claim from being deleted. Pods without a node do not: no kubelet starts them any more. */
export function keepsClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return Boolean(pod.spec?.nodeName) && names(pod, claim, !isShutDown(pod))
}

function isTerminated(pod: Pod): boolean {
  if (isPodTerminal(pod)) return true
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  const statuses = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]
  const running = statuses.some(({ state }) => state?.terminated === undefined && state?.waiting === undefined)
  return pod.metadata.deletionTimestamp !== undefined && !running
}

/** Whether a pod counts as a user of a claim for its condition `Unused`. */
export function refersToClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return !isTerminated(pod) && names(pod, claim, true)
}

/** The conditions of a claim once its use is told in `Unused` (KEP-5541); undefined: they tell it already. */
export function conditionsAfter(
  { status }: PersistentVolumeClaim,
  isUsed: boolean,
  time: string,
): PersistentVolumeClaimCondition[] | undefined {
  const conditions = status?.conditions ?? []
  const known = conditions.find(({ type }) => type === 'Unused')
  if (isUsed ? known !== undefined && known.status !== 'True' : known?.status === 'True') return undefined
  const told: PersistentVolumeClaimCondition = {
    type: 'Unused',
    status: isUsed ? 'False' : 'True',
    lastTransitionTime: time,
    reason: isUsed ? 'PodUsingPVC' : 'NoPodsUsingPVC',
    message: isUsed ? 'A pod is currently referencing this PVC' : 'No pods are currently referencing this PVC',
  }
  return known === undefined ? [...conditions, told] : conditions.map((one) => (one === known ? told : one))
}
