import { cronJobs } from '../../api/batch/v1/cron-job.ts'
import { jobs } from '../../api/batch/v1/job.ts'
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { parseCron } from '../../machinery/cron/parse-cron.ts'
import type { Schedule } from '../../machinery/cron/schedule.ts'
import { formatZoned, loadTimeZone, type TimeZone } from '../../machinery/cron/zoned-time.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { timeOf } from '../pods/pod-state.ts'
import { isNamespaceTerminating } from '../pods/pod-writes.ts'
import type { Observed } from '../runtime/observed.ts'
import { controllerReference, isControlledBy } from '../runtime/ownership.ts'
import { type Plan, type Step, tell } from '../runtime/plan.ts'
import { missedSchedules, nextScheduleMs } from './missed-schedules.ts'

/** When a job was due. */
export const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** The parts of the status while it is being worked out. */
interface Progress {
  readonly steps: Step[]
  active: readonly ObjectReference[]
  lastSuccessfulTime: string | undefined
}

/** Makes jobs when they are due, and removes old ones (pkg/controller/cronjob). `local`: the zone of the cluster. */
export function reconcile(observed: Observed<CronJob>, local: TimeZone): Plan<CronJobStatus> {
  const { object: cronJob } = observed
  const owned = observed.owned(jobs)
  const progress: Progress = {
    steps: [],
    active: cronJob.status?.active ?? [],
    lastSuccessfulTime: cronJob.status?.lastSuccessfulTime,
  }
  cleanUp(cronJob, owned, progress)
  follow(owned, progress)
  return start(observed, progress, local)
}

function finish(
  cronJob: CronJob,
  { steps, active, lastSuccessfulTime }: Progress,
  more: { lastScheduleTime?: string; added?: ObjectReference; made?: string; requeueAfterMs?: number } = {},
): Plan<CronJobStatus> {
  const { lastScheduleTime, added, made, requeueAfterMs } = more
  return {
    steps,
    requeueAfterMs,
    status: ({ error, results = [] }) => {
      const job = results.find(({ kind, metadata }) => kind === 'Job' && metadata.name === made)
      const reference = added ?? (job === undefined ? undefined : referenceTo(job))
      const scheduled = error === undefined && (reference !== undefined || made === undefined)
      const all = reference === undefined ? active : [...active, reference]
      return {
        active: all.length > 0 ? all : undefined,
        lastScheduleTime: (scheduled ? lastScheduleTime : undefined) ?? cronJob.status?.lastScheduleTime,
        lastSuccessfulTime,
      }
    },
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata
  return { kind, namespace, name, uid, apiVersion, resourceVersion }
}

function endOf(job: Job): 'Complete' | 'Failed' | undefined {
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
  return end?.type as 'Complete' | 'Failed' | undefined
}

function remove(job: Job, progress: Progress): void {
  progress.active = progress.active.filter(({ uid }) => uid !== job.metadata.uid)
  progress.steps.push({
    do: 'delete',
    ref: jobs,
    object: job,
    options: { propagationPolicy: 'Background' },
    succeeded: () => ({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${job.metadata.name}` }),
    failed: (error) => ({ type: 'Warning', reason: 'FailedDelete', message: `Deleted job: ${error.message}` }),
  })
}

/** Keeps as many ended jobs as the history limits allow. */
function cleanUp({ spec }: CronJob, owned: readonly Job[], progress: Progress): void {
  const limits = { Complete: spec.successfulJobsHistoryLimit, Failed: spec.failedJobsHistoryLimit } as const
  for (const [end, limit] of Object.entries(limits)) {
    if (limit === undefined) continue
    const ended = owned.filter((job) => endOf(job) === end).sort(byStart)
    for (const job of ended.slice(0, Math.max(0, ended.length - limit)))
      if (job.metadata.deletionTimestamp === undefined) remove(job, progress)
  }
}
function byStart(a: Job, b: Job): number {
  const [startA, startB] = [timeOf(a.status?.startTime) ?? Infinity, timeOf(b.status?.startTime) ?? Infinity]
  if (startA !== startB) return startA - startB
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}

/** Brings the list of active jobs in line with the jobs there are. */
function follow(owned: readonly Job[], progress: Progress): void {
  for (const job of owned) {
    const { name, uid } = job.metadata
    const listed = progress.active.some((reference) => reference.uid === uid)
    const end = endOf(job)
    if (end === undefined) {
      if (listed) continue
      const message = `Saw a job that the controller did not create or forgot: ${name}`
      progress.steps.push(tell('Warning', 'UnexpectedJob', message))
      continue
    }
    if (listed) {
      progress.active = progress.active.filter((reference) => reference.uid !== uid)
      progress.steps.push(tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`))
    }
    const completed = end === 'Complete' ? job.status?.completionTime : undefined
    if (completed && (timeOf(completed) ?? 0) > (timeOf(progress.lastSuccessfulTime) ?? 0))
      progress.lastSuccessfulTime = completed
  }
  const there = new Set(owned.map(({ metadata }) => metadata.uid))
  for (const reference of progress.active) {
    if (there.has(reference.uid)) continue
    progress.active = progress.active.filter((other) => other !== reference)
    progress.steps.push(tell('Normal', 'MissingJob', `Active job went missing: ${reference.name}`))
  }
}

function start(observed: Observed<CronJob>, progress: Progress, local: TimeZone): Plan<CronJobStatus> {
  const { object: cronJob, now } = observed
  const { spec, status, metadata } = cronJob
  if (metadata.deletionTimestamp !== undefined) return finish(cronJob, progress)
  const warn = (reason: string, message: string) => {
    progress.steps.push(tell('Warning', reason, message))
    return finish(cronJob, progress)
  }
  if (spec.timeZone !== undefined) {
    try {
      loadTimeZone(spec.timeZone)
    } catch (error) {
      return warn('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(spec.timeZone)}: ${(error as Error).message}`)
    }
  }
  if (spec.suspend) return finish(cronJob, progress)
  let schedule: Schedule
  try {
    schedule = scheduleOf(cronJob, local, progress)
  } catch (error) {
    const message = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${(error as Error).message}`
    return warn('UnparseableSchedule', message)
  }
  let due: number | undefined
  try {
    const missed = missedSchedules(cronJob, schedule, now, true)
    due = missed.latest
    if (due !== undefined && missed.count === 'many') {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      progress.steps.push(tell('Warning', 'TooManyMissedTimes', `too many missed start times. ${advice}`))
    }
  } catch (error) {
    return warn('InvalidSchedule', `invalid schedule: ${spec.schedule} : ${(error as Error).message}`)
  }

  const requeueAfterMs = nextScheduleMs(cronJob, schedule, now)
  const later = () => finish(cronJob, progress, { requeueAfterMs })
  if (due === undefined) return later()
  const { startingDeadlineSeconds } = spec
  if (startingDeadlineSeconds !== undefined && due + startingDeadlineSeconds * 1000 < now) {
    const message = `Missed scheduled time to start a job: ${formatRfc1123(due)}`
    progress.steps.push(tell('Warning', 'MissSchedule', message))
    return later()
  }
  const name = `${metadata.name}-${Math.floor(due / 60_000)}`
  if (progress.active.some((job) => job.name === name) || timeOf(status?.lastScheduleTime) === due) return later()
  if (spec.concurrencyPolicy === 'Forbid' && progress.active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    progress.steps.push(tell('Normal', 'JobAlreadyActive', message))
    return later()
  }
  if (spec.concurrencyPolicy === 'Replace') {
    const active = new Set(progress.active.map(({ uid }) => uid))
    for (const job of observed.owned(jobs)) if (active.has(job.metadata.uid)) remove(job, progress)
  }
  const lastScheduleTime = formatTime(due)
  const present = observed.view(jobs).get(`${metadata.namespace}/${name}`)
  if (present !== undefined) {
    // Made before the status could be written, or by somebody else.
    if (!isControlledBy(present, cronJob)) return finish(cronJob, progress)
    return finish(cronJob, progress, { added: referenceTo(present), lastScheduleTime, requeueAfterMs })
  }
  progress.steps.push({
    do: 'create',
    ref: jobs,
    object: newJob(cronJob, name, due),
    ignore: isNamespaceTerminating,
    succeeded: (job) => ({
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created job ${job.metadata.name}`,
    }),
    failed: (error) =>
      isNamespaceTerminating(error)
        ? undefined
        : { type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${error.message}` },
  })
  return finish(cronJob, progress, { made: name, lastScheduleTime, requeueAfterMs })
}

function scheduleOf({ spec }: CronJob, local: TimeZone, progress: Progress): Schedule {
  if (!spec.schedule.includes('TZ')) {
    return parseCron(spec.schedule, spec.timeZone === undefined ? local : loadTimeZone(spec.timeZone))
  }
  const more = 'see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
  const message = `CRON_TZ or TZ used in schedule ${JSON.stringify(spec.schedule)} is not officially supported, ${more}`
  progress.steps.push(tell('Warning', 'UnsupportedSchedule', message))
  return parseCron(spec.schedule, local)
}

function newJob(cronJob: CronJob, name: string, due: number): KubeObject {
  const { jobTemplate, timeZone = '' } = cronJob.spec
  const { labels, annotations } = jobTemplate.metadata ?? {}
  const scheduled = { [scheduledAnnotation]: formatZoned(due, loadTimeZone(timeZone)) }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace,
      labels,
      annotations: { ...annotations, ...scheduled },
      ownerReferences: [controllerReference(cronJob, cronJobs)],
    },
    spec: jobTemplate.spec,
  } as KubeObject
}

/** Go's time.RFC1123Z: `Thu, 01 Jan 2026 00:00:00 +0000`. */
function formatRfc1123(epochMs: number): string {
  return new Date(epochMs).toUTCString().replace('GMT', '+0000')
}
