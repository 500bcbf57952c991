import type { Job, JobCondition, Pod } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isPodActive, isPodTerminating, timeOf } from '../pods/pod-state.ts'
import { contains, countOf, type Indexes, indexesOf, merge, parseIndexes } from './indexes.ts'
import {
  completionIndex,
  failureCount,
  finishedAt,
  ignoredFailureCount,
  isIndexed,
  isPodFailed,
  isSuspended,
  isTracked,
  validIndex,
} from './job-pods.ts'
import { failsIndex, matchFailurePolicy, matchSuccessPolicy } from './policies.ts'

/** What is known of a job and its pods before anything is decided. */
export interface JobState {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly now: number
  readonly active: readonly Pod[]
  readonly terminating: readonly Pod[]
  /** As the status has it. */
  readonly counted: { readonly succeeded: ReadonlySet<string>; readonly failed: ReadonlySet<string> }
  readonly previouslySucceeded: Indexes
  readonly succeededIndexes: Indexes
  /** With backoffLimitPerIndex. */
  readonly failedIndexes: Indexes | undefined
  readonly succeeded: number
  readonly failed: number
  /** By index: the failed pod that stays until it is replaced, for it holds the count of failures. */
  readonly awaitingReplacement: ReadonlyMap<number, Pod>
}

export function stateOf(job: Job, pods: readonly Pod[], now: number): JobState {
  const { uncountedTerminatedPods: uncounted = {}, completedIndexes, failedIndexes } = job.status ?? {}
  const counted = { succeeded: new Set(uncounted.succeeded ?? []), failed: new Set(uncounted.failed ?? []) }
  const active = pods.filter(isPodActive)
  const indexed = isIndexed(job)
  const completions = job.spec.completions ?? 0
  const isNew = (pod: Pod, known: ReadonlySet<string>) =>
    isTracked(pod) && !known.has(pod.metadata.uid ?? '') && (!indexed || validIndex(pod, job) !== undefined)
  const newlySucceeded = pods.filter((pod) => isNew(pod, counted.succeeded) && pod.status?.phase === 'Succeeded')
  const newlyFailed = pods.filter(
    (pod) => isNew(pod, counted.failed) && isPodFailed(pod, job) && matchFailurePolicy(job, pod).counts,
  )
  const previouslySucceeded = indexed ? parseIndexes(completedIndexes, completions) : []
  const indexesWhere = (matches: (pod: Pod) => boolean) =>
    indexesOf(pods.filter((pod) => isTracked(pod) && matches(pod)).flatMap((pod) => validIndex(pod, job) ?? []))
  const succeededIndexes = indexed
    ? merge(
        previouslySucceeded,
        indexesWhere((pod) => pod.status?.phase === 'Succeeded'),
      )
    : []
  const failed =
    indexed && job.spec.backoffLimitPerIndex !== undefined
      ? merge(
          parseIndexes(failedIndexes, completions),
          indexesWhere((pod) => failsIndex(job, pod)),
        )
      : undefined
  return {
    job,
    pods,
    now,
    active,
    terminating: pods.filter(isPodTerminating),
    counted,
    previouslySucceeded,
    succeededIndexes,
    failedIndexes: failed,
    succeeded: indexed
      ? countOf(succeededIndexes)
      : (job.status?.succeeded ?? 0) + newlySucceeded.length + counted.succeeded.size,
    failed: (job.status?.failed ?? 0) + newlyFailed.length + counted.failed.size,
    awaitingReplacement: failed === undefined ? new Map() : awaiting(job, pods, active, succeededIndexes, failed),
  }
}

function awaiting(
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
  succeeded: Indexes,
  failed: Indexes,
): Map<number, Pod> {
  const running = new Set(active.map(completionIndex))
  const last = new Map<number, Pod>()
  const failures = (pod: Pod) => failureCount(pod) + ignoredFailureCount(pod)
  for (const pod of pods) {
    const index = validIndex(pod, job)
    if (index === undefined || !isTracked(pod) || !isPodFailed(pod, job)) continue
    if (contains(succeeded, index) || contains(failed, index) || running.has(index)) continue
    const other = last.get(index)
    if (other === undefined || (failures(other) <= failures(pod) && finishedAt(pod) >= finishedAt(other)))
      last.set(index, pod)
  }
  return last
}

export function jobCondition(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type)
}

export function isFinished(job: Job): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}

export function newCondition(
  now: number,
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
): JobCondition {
  const time = formatTime(now)
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message }
}

/** How the job is about to end: the interim condition, which comes before the final one. */
export type Ending = JobCondition & { readonly type: 'FailureTarget' | 'SuccessCriteriaMet' }

/** Why the job must end, whatever its pods still do; undefined when it goes on (job_controller.go syncJob). */
export function endingOf(state: JobState): Ending | undefined {
  const { job, now } = state
  const fail = (reason: string, message: string) =>
    newCondition(now, 'FailureTarget', 'True', reason, message) as Ending
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const present = jobCondition(job, type)
    if (present?.status === 'True') return present as Ending
  }
  for (const pod of state.pods) {
    const why = isPodFailed(pod, job) ? matchFailurePolicy(job, pod).failJob : undefined
    if (why !== undefined) return fail('PodFailurePolicy', why)
  }
  if (state.failed > (job.spec.backoffLimit ?? 6) || restartsExceedLimit(job, state.pods)) {
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const deadline = remainingDeadlineMs(job, now)
  if (deadline !== undefined && deadline <= 0) {
    return fail('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  if (!isIndexed(job)) return undefined
  const { failedIndexes, succeededIndexes } = state
  if (failedIndexes !== undefined) {
    const { maxFailedIndexes, completions = 0 } = job.spec
    const failed = countOf(failedIndexes)
    if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
      return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
    }
    if (failed > 0 && failed + countOf(succeededIndexes) >= completions) {
      return fail('FailedIndexes', 'Job has failed indexes')
    }
  }
  const met = matchSuccessPolicy(job, succeededIndexes)
  return met === undefined
    ? undefined
    : (newCondition(now, 'SuccessCriteriaMet', 'True', 'SuccessPolicy', met) as Ending)
}

/** Containers that restart in place count, too. */
function restartsExceedLimit(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  const { backoffLimit = 6 } = job.spec
  let restarts = 0
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    for (const { restartCount = 0 } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += restartCount
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}

/** How long the job may still be active; undefined without a deadline, or while it does not run. */
export function remainingDeadlineMs(job: Job, now: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec
  const started = timeOf(job.status?.startTime)
  if (activeDeadlineSeconds === undefined || started === undefined || isSuspended(job)) return undefined
  return activeDeadlineSeconds * 1000 - (now - started)
}
