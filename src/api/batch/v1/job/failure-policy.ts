import { fieldErrors, goQuote, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { checkField } from '../../../field-checks.ts'
import type { JobSpec, PodFailurePolicyRule } from '../../../types.generated.ts'

/** What a failed pod means for its job (pkg/apis/batch/validation validatePodFailurePolicy). */
const maxRules = 20
const maxPatterns = 20
const maxValues = 255
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

export function validateFailurePolicy(spec: JobSpec, field: string): FieldError[] {
  if (!spec.podFailurePolicy) return []
  const rules = spec.podFailurePolicy.rules ?? []
  const errors = rules.length > maxRules ? [fieldErrors.tooMany(`${field}.rules`, rules.length, maxRules)] : []
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(rule, spec, `${field}.rules[${index}]`))
  return errors
}

function checkNamed(value: string, field: string, supported: readonly string[]): FieldError[] {
  if (!value) return [fieldErrors.required(field, `valid values: [${supported.map(goQuote).join(' ')}]`)]
  return supported.includes(value) ? [] : [fieldErrors.notSupported(field, value, supported)]
}

function validateRule(rule: PodFailurePolicyRule, spec: JobSpec, field: string): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const errors: FieldError[] = []
  if (action !== 'FailIndex') errors.push(...checkNamed(action, `${field}.action`, actions))
  else if (spec.backoffLimitPerIndex === undefined) {
    errors.push(fieldErrors.invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  }
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, spec, `${field}.onExitCodes`))
  if (onPodConditions.length > maxPatterns) {
    errors.push(fieldErrors.tooMany(`${field}.onPodConditions`, onPodConditions.length, maxPatterns))
  }
  for (const [index, { type, status }] of onPodConditions.entries()) {
    const at = `${field}.onPodConditions[${index}]`
    errors.push(...checkField(type, `${at}.type`, qualifiedName), ...checkNamed(status, `${at}.status`, statuses))
  }
  if (onExitCodes && onPodConditions.length > 0) {
    const detail = 'specifying both OnExitCodes and OnPodConditions is not supported'
    errors.push(fieldErrors.invalid(field, omitValue, detail))
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    const detail = 'specifying one of OnExitCodes and OnPodConditions is required'
    errors.push(fieldErrors.invalid(field, omitValue, detail))
  }
  return errors
}

type ExitCodes = NonNullable<PodFailurePolicyRule['onExitCodes']>

function validateExitCodes(codes: ExitCodes, { template }: JobSpec, field: string): FieldError[] {
  const { operator, containerName, values } = codes
  const errors = checkNamed(operator, `${field}.operator`, operators)
  const names = [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])].map(({ name }) => name)
  if (containerName !== undefined && !names.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    errors.push(fieldErrors.invalid(`${field}.containerName`, containerName, detail))
  }
  const at = `${field}.values`
  if (!values?.length) return [...errors, fieldErrors.invalid(at, values ?? null, 'at least one value is required')]
  if (values.length > maxValues) errors.push(fieldErrors.tooMany(at, values.length, maxValues))
  const seen = new Set<number>()
  for (const [index, code] of values.entries()) {
    if (operator === 'In' && code === 0) {
      errors.push(fieldErrors.invalid(`${at}[${index}]`, code, 'must not be 0 for the In operator'))
    }
    if (seen.has(code)) errors.push(fieldErrors.duplicate(`${at}[${index}]`, code))
    seen.add(code)
  }
  if (values.some((code, index) => index > 0 && values[index - 1]! > code)) {
    errors.push(fieldErrors.invalid(at, values, 'must be ordered'))
  }
  return errors
}
