import type { JobStatus, Pod } from '../../api/types.generated.ts'
import { timeOf } from '../pods/pod-state.ts'
import { contains, countOf, formatIndexes, indexesOf, merge } from './indexes.ts'
import { completionIndex, isIndexed, isPodFailed, isTracked, validIndex } from './job-pods.ts'
import type { Ending, JobState } from './job-state.ts'
import { matchFailurePolicy } from './policies.ts'

/** Keeps the status below some 20 kB. */
const maxUncounted = 500

export interface Tracking {
  /** The counters and lists of the status. */
  readonly status: Partial<JobStatus>
  /** Pods of which the stored status already tells all there is: their finalizers may go. */
  readonly release: readonly Pod[]
  /** Nothing is left to be counted. */
  readonly settled: boolean
}

/**
 * Counts each finished pod exactly once, whatever crashes in between (KEP-2307): its uid is put on a list in the status,
 * then its finalizer is taken off, then it moves from the list to the counter. For indexed jobs that succeed the index
 * does what the list does. `stored`: the ending that the stored status names already.
 */
export function trackPods(state: JobState, ending: Ending | undefined, stored: boolean): Tracking {
  const { job, pods, counted } = state
  const indexed = isIndexed(job)
  const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? ''))
  const lists = { succeeded: [] as string[], failed: [] as string[] }
  let { succeeded = 0, failed = 0 } = job.status ?? {}
  for (const uid of counted.succeeded) {
    if (tracked.has(uid)) lists.succeeded.push(uid)
    else succeeded++
  }
  for (const uid of counted.failed) {
    if (tracked.has(uid)) lists.failed.push(uid)
    else failed++
  }

  const newIndexes: number[] = []
  const release: Pod[] = []
  const sorted = indexed ? [...pods].sort((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1)) : pods
  let waiting = 0
  for (const pod of sorted) {
    if (!isTracked(pod) || !mayRelease(state, pod, ending)) continue
    waiting++
    if (newIndexes.length + lists.succeeded.length + lists.failed.length >= maxUncounted) break
    const uid = pod.metadata.uid ?? ''
    const index = validIndex(pod, job)
    if (pod.status?.phase === 'Succeeded' && !counted.failed.has(uid)) {
      if (indexed) {
        if (index !== undefined && !contains(state.previouslySucceeded, index)) newIndexes.push(index)
        else release.push(pod)
      } else if (counted.succeeded.has(uid)) release.push(pod)
      else lists.succeeded.push(uid)
    } else if (ending?.type === 'FailureTarget' || (isPodFailed(pod, job) && !isEndedBySuccess(pod, ending))) {
      const counts = matchFailurePolicy(job, pod).counts && (!indexed || index !== undefined)
      if (!counts || counted.failed.has(uid)) release.push(pod)
      else lists.failed.push(uid)
    } else release.push(pod)
  }
  const succeededIndexes = merge(state.succeededIndexes, indexesOf(newIndexes))
  const uncounted = lists.succeeded.length + lists.failed.length
  return {
    status: {
      succeeded: indexed ? countOf(succeededIndexes) : succeeded,
      failed,
      completedIndexes: indexed ? formatIndexes(succeededIndexes) : undefined,
      failedIndexes: state.failedIndexes === undefined ? undefined : formatIndexes(state.failedIndexes),
      uncountedTerminatedPods: {
        succeeded: lists.succeeded.length > 0 ? lists.succeeded : undefined,
        failed: lists.failed.length > 0 ? lists.failed : undefined,
      },
    },
    // How the job ends must be known before the pods go that made it end so.
    release: ending === undefined || stored ? release : [],
    settled: uncounted === 0 && waiting === 0,
  }
}

/** Deleted because the job had succeeded without it: that is no failure. */
function isEndedBySuccess({ metadata, status }: Pod, ending: Ending | undefined): boolean {
  if (ending?.type !== 'SuccessCriteriaMet' || status?.phase === 'Failed') return false
  const due = timeOf(metadata.deletionTimestamp)
  const metAt = timeOf(ending.lastTransitionTime)
  if (due === undefined || metAt === undefined) return false
  return due - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 >= metAt
}

/** Nothing more will come of the pod, or of the job (canRemoveFinalizer). */
function mayRelease({ job, awaitingReplacement }: JobState, pod: Pod, ending: Ending | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || ending !== undefined || pod.status?.phase === 'Succeeded') {
    return true
  }
  if (!isPodFailed(pod, job)) return false
  const index = completionIndex(pod)
  return index === undefined || awaitingReplacement.get(index)?.metadata.uid !== pod.metadata.uid
}
