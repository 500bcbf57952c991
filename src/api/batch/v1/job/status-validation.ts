import { fieldErrors, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { checkCounts } from '../../../replica-status.ts'
import type { Job, JobStatus } from '../../../types.generated.ts'
import { countIndexes, firstCommonIndex, IndexesError } from './indexes.ts'

/**
 * What controllers of jobs may report, Kubernetes' own or others (pkg/apis/batch/validation ValidateJobUpdateStatus).
 * Most is looked at only where it changes, so that a status that is wrong in one way can still be told in another.
 */
type Status = JobStatus | undefined

export function isConditionTrue(status: Status, type: string): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
}

const isComplete = (status: Status): boolean => isConditionTrue(status, 'Complete')
const isFailed = (status: Status): boolean => isConditionTrue(status, 'Failed')
const isFinished = (status: Status): boolean => isComplete(status) || isFailed(status)
const isTarget = (status: Status): boolean => isConditionTrue(status, 'FailureTarget')
const hasSucceeded = (status: Status): boolean => isConditionTrue(status, 'SuccessCriteriaMet')

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const status = job.status ?? {}
  return [
    ...checkCounts(status, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
    ...validateUncounted(status),
    ...validateConditions(job, old),
    ...validateFinished(job, old),
    ...validateIndexes(job, old),
    ...validateChanges(job, old),
  ]
}

function conditionFault(detail: string): FieldError {
  return fieldErrors.invalid('status.conditions', omitValue, detail)
}

function validateUncounted({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((member) =>
    (pods?.[member] ?? []).flatMap((uid, index) => {
      const field = `status.uncountedTerminatedPods.${member}[${index}]`
      if (uid === '') return [fieldErrors.invalid(field, uid, 'must not be empty')]
      if (seen.has(uid)) return [fieldErrors.duplicate(field, uid)]
      seen.add(uid)
      return []
    }),
  )
}

type Check = (status: Status) => boolean

function validateConditions({ status }: Job, { status: before }: Job): FieldError[] {
  const changed = (...checks: Check[]) => checks.some((check) => check(status) !== check(before))
  const complete = isComplete(status)
  const errors: FieldError[] = []
  if (changed(isComplete, isFailed) && complete && isFailed(status)) {
    errors.push(conditionFault('cannot set Complete=True and Failed=true conditions'))
  }
  if (changed(isComplete, isTarget) && complete && isTarget(status)) {
    errors.push(conditionFault('cannot set Complete=True and FailureTarget=true conditions'))
  }
  const { completionTime, startTime } = status ?? {}
  const field = 'status.completionTime'
  const timeChanged = completionTime !== before?.completionTime
  if (changed(isComplete) || timeChanged) {
    if (completionTime && !complete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition'
      errors.push(fieldErrors.invalid(field, completionTime, detail))
    }
    if (!completionTime && complete) {
      errors.push(fieldErrors.required(field, 'completionTime is required for Complete jobs'))
    }
  }
  const startChanged = startTime !== before?.startTime
  if ((timeChanged || startChanged) && startTime && completionTime && completionTime < startTime) {
    errors.push(fieldErrors.invalid(field, completionTime, 'must be equal to or after `startTime`'))
  }
  const failedChanged = changed(isFailed) || status?.failedIndexes !== before?.failedIndexes
  if (failedChanged && isFailed(status) && !isTarget(status)) {
    errors.push(conditionFault('cannot set Failed=True condition without the FailureTarget=true condition'))
  }
  if (changed(isComplete, hasSucceeded) && complete && !hasSucceeded(status)) {
    errors.push(conditionFault('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'))
  }
  return errors
}

function validateFinished({ spec, status }: Job, { status: before }: Job): FieldError[] {
  if (!isFinished(status)) return []
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status!
  const finishes = !isFinished(before)
  const errors: FieldError[] = []
  if ((finishes || active !== (before?.active ?? 0)) && active > 0) {
    errors.push(fieldErrors.invalid('status.active', active, 'active>0 is invalid for finished job'))
  }
  const neverStarted = spec?.suspend === true && spec.completions === 0
  if ((finishes || startTime !== before?.startTime) && !neverStarted && !startTime) {
    errors.push(fieldErrors.required('status.startTime', 'startTime is required for finished job'))
  }
  const { failed = [], succeeded = [] } = uncounted ?? {}
  const uncountedChanged = finishes || !jsonEqual(uncounted, before?.uncountedTerminatedPods)
  if (uncountedChanged && failed.length + succeeded.length > 0) {
    const internal = { Succeeded: uncounted!.succeeded ?? null, Failed: uncounted!.failed ?? null }
    errors.push(fieldErrors.invalid('status.uncountedTerminatedPods', internal, 'must be empty for finished job'))
  }
  return errors
}

function validateIndexes({ spec, status }: Job, { status: before }: Job): FieldError[] {
  const { completions, backoffLimitPerIndex, completionMode } = spec!
  const { completedIndexes = '', failedIndexes, active = 0, ready, terminating } = status ?? {}
  const completedChanged = completedIndexes !== (before?.completedIndexes ?? '')
  const failedChanged = failedIndexes !== before?.failedIndexes
  const errors: FieldError[] = []
  const wrong = (member: string, value: unknown, detail: string) =>
    errors.push(fieldErrors.invalid(`status.${member}`, value, detail))
  const parse = (member: string, text: string) => {
    try {
      countIndexes(text, completions!)
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error
      wrong(member, text, `error parsing ${member}: ${error.message}`)
    }
  }
  if (completedChanged && completions !== undefined) parse('completedIndexes', completedIndexes)
  if (failedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
    parse('failedIndexes', failedIndexes)
  }
  if (completedChanged && completedIndexes !== '' && completionMode !== 'Indexed') {
    wrong(
      'completedIndexes',
      completedIndexes,
      'cannot set non-empty completedIndexes when non-indexed completion mode',
    )
  }
  if (failedChanged && backoffLimitPerIndex === undefined && failedIndexes !== undefined) {
    wrong('failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  }
  if ((failedChanged || completedChanged) && completions !== undefined && failedIndexes !== undefined) {
    const common = firstCommonIndex(completedIndexes, failedIndexes, completions)
    if (common !== undefined) {
      wrong('failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`)
    }
  }
  const finishChanged = isFinished(status) !== isFinished(before)
  if ((finishChanged || terminating !== before?.terminating) && (terminating ?? 0) > 0 && isFinished(status)) {
    wrong('terminating', terminating, 'terminating>0 is invalid for finished job')
  }
  if ((ready !== before?.ready || active !== (before?.active ?? 0)) && (ready ?? 0) > active) {
    wrong('ready', ready, 'cannot set more ready pods than active')
  }
  if (hasSucceeded(status) && isFailed(status)) {
    errors.push(conditionFault('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  }
  if (hasSucceeded(status) && isTarget(status)) {
    errors.push(conditionFault('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  }
  if (spec!.successPolicy && !hasSucceeded(status) && isComplete(status)) {
    const detail = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'
    errors.push(conditionFault(detail))
  }
  return errors
}

/** What has been reported for good. */
function validateChanges({ spec, status }: Job, { status: before }: Job): FieldError[] {
  const errors: FieldError[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (isConditionTrue(before, type) && !isConditionTrue(status, type)) {
      errors.push(conditionFault(`cannot disable the terminal ${type}=True condition`))
    }
  }
  const { failed = 0, succeeded = 0, completionTime, startTime } = status ?? {}
  const { parallelism, completions, completionMode, suspend } = spec!
  if (failed < (before?.failed ?? 0)) {
    errors.push(fieldErrors.invalid('status.failed', failed, 'cannot decrease the failed counter'))
  }
  // Jobs of which all pods run at once can be made smaller.
  const elastic = completionMode === 'Indexed' && completions === parallelism
  if (!elastic && succeeded < (before?.succeeded ?? 0)) {
    errors.push(fieldErrors.invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'))
  }
  if (completionTime && before?.completionTime && completionTime !== before.completionTime) {
    errors.push(fieldErrors.invalid('status.completionTime', completionTime, 'field is immutable'))
  }
  const resumes = isConditionTrue(before, 'Suspended') && isConditionFalse(status, 'Suspended')
  if (!resumes && before?.startTime && startTime !== before.startTime && !suspend) {
    const detail = 'field is immutable for unsuspended job once set'
    errors.push(fieldErrors.invalid('status.startTime', startTime ?? null, detail))
  }
  if (hasSucceeded(before) && !hasSucceeded(status)) {
    errors.push(conditionFault('cannot disable the SuccessCriteriaMet=True condition'))
  }
  if (isComplete(before) && !hasSucceeded(before) && hasSucceeded(status)) {
    const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    errors.push(conditionFault(detail))
  }
  return errors
}

function isConditionFalse(status: Status, type: string): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'False')
}
