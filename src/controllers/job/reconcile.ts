import { pods as podKind } from '../../api/core/v1/pod.ts'
import type { Job, JobCondition, JobStatus } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isPodReady } from '../pods/pod-state.ts'
import type { Observed } from '../runtime/observed.ts'
import { type Note, type Plan, type Step, tell } from '../runtime/plan.ts'
import { isSuspended, isTracked } from './job-pods.ts'
import {
  type Ending,
  endingOf,
  isFinished,
  jobCondition,
  newCondition,
  remainingDeadlineMs,
  stateOf,
  type JobState,
} from './job-state.ts'
import { endPods, managePods, type PodChanges, untrack } from './manage-pods.ts'
import { trackPods } from './track-pods.ts'

/** Runs pods until enough of them have succeeded (pkg/controller/job). */
export function reconcile(observed: Observed<Job>): Plan<JobStatus> {
  const { object: job, now } = observed
  const { completionMode = 'NonIndexed' } = job.spec
  if (completionMode !== 'NonIndexed' && completionMode !== 'Indexed') {
    const message = 'Skipped Job sync because completion mode is unknown'
    return { steps: [tell('Warning', 'UnknownCompletionMode', message)] }
  }
  const pods = observed.owned(podKind)
  if (isFinished(job)) return { steps: batch(pods.filter(isTracked).map(untrack)) }

  const state = stateOf(job, pods, now)
  let ending = endingOf(state)
  const deleted = job.metadata.deletionTimestamp !== undefined
  const changes: PodChanges =
    ending !== undefined ? endPods(state.active) : deleted ? { steps: [], removed: [], created: 0 } : managePods(state)
  const left = state.active.length - changes.removed.length
  if (ending === undefined && isComplete(state, left + changes.created)) {
    const message = 'Reached expected number of succeeded pods'
    ending = newCondition(now, 'SuccessCriteriaMet', 'True', 'CompletionsReached', message) as Ending
  }
  const stored = ending !== undefined && jobCondition(job, ending.type)?.status === 'True'
  const tracking = trackPods(state, ending, stored)
  const terminating = state.terminating.length + changes.removed.length
  const final =
    ending !== undefined && stored && tracking.settled && terminating === 0 ? finalCondition(ending, now) : undefined
  const { conditions, startTime, notes } = progress(state, ending, deleted)

  const status = ({ error }: { error: Error | undefined }): JobStatus => {
    // Nobody knows how many of the steps were taken: the counts wait for the next look.
    const { active = 0, ready = 0, terminating: before = 0 } = job.status ?? {}
    const counts =
      error === undefined
        ? {
            active: left + changes.created,
            ready: state.active.filter((pod) => !changes.removed.includes(pod) && isPodReady(pod)).length,
            terminating,
          }
        : { active, ready, terminating: before }
    if (error !== undefined) return { ...job.status, ...counts, startTime, conditions }
    return {
      ...job.status,
      ...tracking.status,
      ...counts,
      startTime,
      completionTime: final?.type === 'Complete' ? final.lastTransitionTime : job.status?.completionTime,
      conditions: withEnding(conditions, ending, final),
    }
  }
  const waits = [remainingDeadlineMs({ ...job, status: { ...job.status, startTime } }, now), changes.waitMs]
  const requeueAfterMs = Math.min(...waits.filter((wait) => wait !== undefined && wait > 0).map(Number))
  return {
    steps: [...changes.steps, ...batch(tracking.release.map(untrack))],
    status,
    afterStatus: [...notes, ...(final === undefined ? [] : finishedNotes(job, tracking.status, final))],
    requeueAfterMs: ending === undefined && Number.isFinite(requeueAfterMs) ? requeueAfterMs : undefined,
  }
}

function batch(writes: ReturnType<typeof untrack>[]): Step[] {
  return writes.length > 0 ? [{ do: 'batch', slowStart: false, writes }] : []
}

function isComplete({ job, succeeded }: JobState, active: number): boolean {
  if (active > 0) return false
  const { completions } = job.spec
  return completions === undefined ? succeeded > 0 : succeeded >= completions
}

/** Start time and suspension. A suspended job has no start time; a resumed one starts anew. */
function progress(
  { job, now }: JobState,
  ending: Ending | undefined,
  deleted: boolean,
): { conditions: readonly JobCondition[]; startTime: string | undefined; notes: Note[] } {
  const conditions = job.status?.conditions ?? []
  const suspended = isSuspended(job)
  const startTime = job.status?.startTime ?? (suspended ? undefined : formatTime(now))
  const present = jobCondition(job, 'Suspended')
  const unchanged = { conditions, startTime, notes: [] }
  if (ending !== undefined || deleted || (present?.status === 'True') === suspended) return unchanged
  const condition = suspended
    ? newCondition(now, 'Suspended', 'True', 'JobSuspended', 'Job suspended')
    : newCondition(now, 'Suspended', 'False', 'JobResumed', 'Job resumed')
  const note: Note = suspended
    ? { type: 'Normal', reason: 'Suspended', message: 'Job suspended' }
    : { type: 'Normal', reason: 'Resumed', message: 'Job resumed' }
  return {
    conditions:
      present === undefined
        ? [...conditions, condition]
        : conditions.map((other) => (other === present ? condition : other)),
    startTime: suspended ? undefined : formatTime(now),
    notes: [note],
  }
}

function finalCondition({ type, reason = '', message = '' }: Ending, now: number): JobCondition {
  return newCondition(now, type === 'FailureTarget' ? 'Failed' : 'Complete', 'True', reason, message)
}

function withEnding(
  conditions: readonly JobCondition[],
  ending: Ending | undefined,
  final: JobCondition | undefined,
): readonly JobCondition[] {
  const has = (type: string) => conditions.some((condition) => condition.type === type && condition.status === 'True')
  const added: JobCondition[] = []
  if (ending !== undefined && !has(ending.type)) added.push(ending)
  if (final !== undefined && !has(final.type)) added.push(final)
  return added.length > 0 ? [...conditions, ...added] : conditions
}

function finishedNotes(job: Job, { succeeded = 0 }: Partial<JobStatus>, final: JobCondition): Note[] {
  if (final.type === 'Failed') {
    return [{ type: 'Warning', reason: final.reason ?? '', message: final.message ?? '' }]
  }
  const notes: Note[] = [{ type: 'Normal', reason: 'Completed', message: 'Job completed' }]
  if (job.spec.completions === undefined || succeeded <= job.spec.completions) return notes
  const message = 'Too many succeeded pods running after completion count reached'
  return [{ type: 'Warning', reason: 'TooManySucceededPods', message }, ...notes]
}
