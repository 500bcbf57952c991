import type { RuleContext } from '../../definition.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import { parseCron } from '../../../machinery/cron/parse-cron.ts'
import { loadTimeZone } from '../../../machinery/cron/zoned-time.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { validateNonnegative } from '../../../machinery/validation/object-meta.ts'
import { templateRules } from '../../core/v1/pod/template-validation.ts'
import { checkRequiredOneOf } from '../../field-checks.ts'
import type { CronJob, CronJobSpec } from '../../types.generated.ts'
import { validateJobSpec } from './job/spec-validation.ts'

/** pkg/apis/batch/validation ValidateCronJobCreate. */
const maxNameLength = 52
const policies: readonly string[] = ['Allow', 'Forbid', 'Replace']

export function validateCronJob({ metadata, spec }: CronJob, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  const errors = validateSpec(spec!, undefined, enabled)
  // Its jobs are called after it, and after their time.
  if (byteLength(metadata.name ?? '') > maxNameLength) {
    errors.push(fieldErrors.invalid('metadata.name', metadata.name, 'must be no more than 52 characters'))
  }
  return errors
}

export function validateCronJobUpdate(
  { spec }: CronJob,
  old: CronJob,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  return validateSpec(spec!, old.spec, enabled)
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined, enabled: FeatureEnabled): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(fieldErrors.required('spec.schedule'))
  else errors.push(...validateSchedule(spec, old?.schedule.includes('TZ') === true))
  errors.push(...validateNonnegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'))
  if (old === undefined || old.timeZone !== spec.timeZone) errors.push(...validateTimeZone(spec.timeZone))
  errors.push(...checkRequiredOneOf(spec.concurrencyPolicy, 'spec.concurrencyPolicy', policies))
  const field = 'spec.jobTemplate.spec'
  const job = spec.jobTemplate.spec!
  errors.push(...validateJobSpec(job, field, templateRules(old?.jobTemplate.spec?.template, enabled)))
  if (job.selector) {
    errors.push(fieldErrors.invalid(`${field}.selector`, job.selector, '`selector` will be auto-generated'))
  }
  if (job.manualSelector) {
    errors.push(fieldErrors.notSupported(`${field}.manualSelector`, true, ['nil', 'false']))
  }
  for (const member of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    errors.push(...validateNonnegative(spec[member], `spec.${member}`))
  }
  return errors
}

function validateSchedule({ schedule, timeZone }: CronJobSpec, allowZone: boolean): FieldError[] {
  const field = 'spec.schedule'
  const errors: FieldError[] = []
  try {
    parseCron(schedule)
  } catch (error) {
    errors.push(fieldErrors.invalid(field, schedule, (error as Error).message))
  }
  if (!schedule.includes('TZ')) return errors
  if (!allowZone) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    errors.push(fieldErrors.invalid(field, schedule, detail))
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
    errors.push(fieldErrors.invalid(field, schedule, detail))
  }
  return errors
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/

function validateTimeZone(zone: string | undefined): FieldError[] {
  if (zone === undefined) return []
  const wrong = (detail: string) => fieldErrors.invalid('spec.timeZone', zone, detail)
  if (zone === '') return [wrong('timeZone must be nil or non-empty string')]
  const isPart = (part: string) => part !== '.' && part !== '..' && !part.startsWith('-') && zonePart.test(part)
  if (!zone.split('/').every(isPart)) return [wrong(`unknown time zone ${zone}`)]
  const errors: FieldError[] = []
  if (zone.toLowerCase() === 'local') {
    errors.push(wrong('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  }
  // Go's own name for the machine's zone; in other spellings it is none.
  if (zone === 'Local') return errors
  try {
    loadTimeZone(zone)
  } catch (error) {
    errors.push(wrong((error as Error).message))
  }
  return errors
}
