import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import { domainPrefixedPath } from '../../../../machinery/validation/domain-prefixed-path.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { validateNonnegative } from '../../../../machinery/validation/object-meta.ts'
import { validatePodTemplate } from '../../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../../core/v1/pod/validation-rules.ts'
import { internalForm } from '../../../internal-form.ts'
import type { JobSpec } from '../../../types.generated.ts'
import { validateFailurePolicy } from './failure-policy.ts'
import { countIndexes, IndexesError } from './indexes.ts'

/** What a job is, of its own or in a CronJob's template (pkg/apis/batch/validation validateJobSpec). */
const maxParallelism = 100_000
const maxFailedIndexes = 100_000
const manyCompletions = 100_000
const maxForManyCompletions = 10_000

export function validateJobSpec(spec: JobSpec, field: string, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  for (const member of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    errors.push(...validateNonnegative(spec[member], `${field}.${member}`))
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(fieldErrors.required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  errors.push(...validateManagedBy(spec.managedBy, `${field}.managedBy`))
  errors.push(...validateCompletionMode(spec, field))
  errors.push(...validateFailurePolicy(spec, `${field}.podFailurePolicy`))
  errors.push(...validateSuccessPolicy(spec, `${field}.successPolicy`))
  errors.push(...validateReplacementPolicy(spec, `${field}.podReplacementPolicy`))
  errors.push(...validatePodTemplate(spec.template, `${field}.template`, rules))
  errors.push(...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`))
  return errors
}

/** A path below a domain, `example.com/controller`. */
function validateManagedBy(name: string | undefined, field: string): FieldError[] {
  if (name === undefined) return []
  const errors = domainPrefixedPath(name, field)
  if (byteLength(name) > 63) errors.push(fieldErrors.tooLong(field, '', 63))
  return errors
}

function validateCompletionMode(spec: JobSpec, field: string): FieldError[] {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes: failed, backoffLimitPerIndex } = spec
  const errors: FieldError[] = []
  const wrong = (member: 'parallelism' | 'maxFailedIndexes' | 'backoffLimitPerIndex', detail: string) =>
    errors.push(fieldErrors.invalid(`${field}.${member}`, spec[member], detail))
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errors.push(fieldErrors.notSupported(`${field}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  }
  if (mode === undefined || mode === 'NonIndexed') {
    if (backoffLimitPerIndex !== undefined) wrong('backoffLimitPerIndex', 'requires indexed completion mode')
    if (failed !== undefined) wrong('maxFailedIndexes', 'requires indexed completion mode')
  }
  if (mode !== 'Indexed') return errors
  if (completions === undefined) {
    errors.push(fieldErrors.required(`${field}.completions`, 'when completion mode is Indexed'))
  }
  if ((parallelism ?? 0) > maxParallelism) {
    wrong('parallelism', `must be less than or equal to ${maxParallelism} when completion mode is Indexed`)
  }
  if (completions !== undefined && (failed ?? 0) > completions) {
    wrong('maxFailedIndexes', 'must be less than or equal to completions')
  }
  if ((failed ?? 0) > maxFailedIndexes) wrong('maxFailedIndexes', `must be less than or equal to ${maxFailedIndexes}`)
  if ((completions ?? 0) <= manyCompletions || backoffLimitPerIndex === undefined) return errors
  if (failed === undefined) {
    const detail = `must be specified when completions is above ${manyCompletions}`
    errors.push(fieldErrors.required(`${field}.maxFailedIndexes`, detail))
  }
  const detail = `must be less than or equal to ${maxForManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`
  if ((parallelism ?? 0) > maxForManyCompletions) wrong('parallelism', detail)
  if ((failed ?? 0) > maxForManyCompletions) wrong('maxFailedIndexes', detail)
  return errors
}

const maxSuccessRules = 20
const maxIndexesLength = 64 * 1024

function validateSuccessPolicy(spec: JobSpec, field: string): FieldError[] {
  const { successPolicy: policy, completionMode, completions = 0 } = spec
  if (!policy) return []
  const rules = policy.rules ?? []
  if (completionMode !== 'Indexed') {
    const shown = internalForm('io.k8s.api.batch.v1.SuccessPolicy', policy)
    return [fieldErrors.invalid(field, shown, 'requires indexed completion mode')]
  }
  const errors: FieldError[] = []
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified'
    errors.push(fieldErrors.required(`${field}.rules`, detail))
  }
  if (rules.length > maxSuccessRules) errors.push(fieldErrors.tooMany(`${field}.rules`, rules.length, maxSuccessRules))
  for (const [index, rule] of rules.entries()) {
    errors.push(...validateSuccessRule(rule, completions, `${field}.rules[${index}]`))
  }
  return errors
}

type SuccessRule = NonNullable<JobSpec['successPolicy']>['rules'][number]

function validateSuccessRule(rule: SuccessRule, completions: number, field: string): FieldError[] {
  const { succeededIndexes: indexes, succeededCount: count } = rule
  const errors: FieldError[] = []
  if (count === undefined && indexes === undefined) {
    errors.push(fieldErrors.required(field, 'at least one of succeededCount or succeededIndexes must be specified'))
  }
  let total = 0
  if (indexes !== undefined) {
    const at = `${field}.succeededIndexes`
    if (byteLength(indexes) > maxIndexesLength) errors.push(fieldErrors.tooLong(at, '', maxIndexesLength))
    try {
      total = countIndexes(indexes, completions)
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error
      errors.push(fieldErrors.invalid(at, indexes, `error parsing succeededIndexes: ${error.message}`))
    }
  }
  if (count === undefined) return errors
  const at = `${field}.succeededCount`
  errors.push(...validateNonnegative(count, at))
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`
    errors.push(fieldErrors.invalid(at, count, detail))
  }
  if (indexes !== undefined && count > total) {
    const detail = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
    errors.push(fieldErrors.invalid(at, count, detail))
  }
  return errors
}

function validateReplacementPolicy(spec: JobSpec, field: string): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (policy === undefined || supported.includes(policy)) return []
  return [fieldErrors.notSupported(field, policy, supported)]
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec?.restartPolicy ?? ''
  if (policy === 'Always' || policy === '') {
    return [fieldErrors.required(field, `valid values: ${['OnFailure', 'Never'].map(goQuote).join(', ')}`)]
  }
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [fieldErrors.notSupported(field, policy, ['OnFailure', 'Never'])]
  }
  if (!podFailurePolicy || policy === 'Never') return []
  return [fieldErrors.invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}
