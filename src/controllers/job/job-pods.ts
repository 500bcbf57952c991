import type { ContainerStatus, Job, Pod } from '../../api/types.generated.ts'
import { podCondition, timeOf } from '../pods/pod-state.ts'

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
export const failureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count'
export const ignoredFailureCountAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count'

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed'
}

export function isSuspended(job: Job): boolean {
  return job.spec.suspend === true
}

/** Pods that are being deleted are replaced only when they have failed for good. */
export function replacesOnlyFailed(job: Job): boolean {
  return job.spec.podReplacementPolicy === 'Failed'
}

/** Failed, or deleted before it could succeed: pods of lost nodes never reach a phase. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}

/** The completion index of a pod; undefined without a valid one. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexAnnotation]
  if (text === undefined || !/^\+?[0-9]+$/.test(text)) return undefined
  return Number(text)
}

/** The index, if the job has such a one. */
export function validIndex(pod: Pod, job: Job): number | undefined {
  const index = completionIndex(pod)
  return index !== undefined && index < (job.spec.completions ?? 0) ? index : undefined
}

export function failureCount(pod: Pod): number {
  return countAnnotation(pod, failureCountAnnotation)
}
export function ignoredFailureCount(pod: Pod): number {
  return countAnnotation(pod, ignoredFailureCountAnnotation)
}
function countAnnotation(pod: Pod, key: string): number {
  const text = pod.metadata.annotations?.[key]
  const count = text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : 0
  return count < 2 ** 31 ? count : 0
}

/**
 * When the pod finished, in epoch ms: when its last container ended, else when it ceased to be ready, else when it was
 * deleted, else when it was made (job/backoff_utils.go getFinishedTime).
 */
export function finishedAt(pod: Pod): number {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const sidecarStatuses = (pod.status?.initContainerStatuses ?? []).filter(({ name }) =>
    sidecars.some((sidecar) => sidecar.name === name),
  )
  const ofContainers = latestEnd([...(pod.status?.containerStatuses ?? []), ...sidecarStatuses])
  if (ofContainers !== undefined) return ofContainers
  const ready = podCondition(pod, 'Ready')
  const unreadySince = ready?.status === 'False' ? timeOf(ready.lastTransitionTime) : undefined
  if (unreadySince !== undefined) return unreadySince
  const deletion = timeOf(pod.metadata.deletionTimestamp)
  if (deletion !== undefined) return deletion - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
  return timeOf(pod.metadata.creationTimestamp) ?? 0
}

/** undefined as long as one of them has not ended. */
function latestEnd(statuses: readonly ContainerStatus[]): number | undefined {
  let latest: number | undefined
  for (const { state } of statuses) {
    const end = timeOf(state?.terminated?.finishedAt)
    if (end === undefined) return undefined
    latest = Math.max(latest ?? end, end)
  }
  return latest
}
