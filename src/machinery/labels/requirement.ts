import { aggregate } from '../errors.ts'
import { errorText, fieldErrors, type FieldError } from '../field-error.ts'
import { labelKey, labelValue } from '../validation/label-names.ts'

/** One condition on one label (apimachinery pkg/labels Requirement, pkg/selection operators). */
export type Operator = '!' | '=' | '==' | 'in' | '!=' | 'notin' | 'exists' | 'gt' | 'lt'

export interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

export type Labels = Readonly<Record<string, string>>

/** A selector that cannot be; the message is upstream's. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

/** Throws SelectorError when key, operator and values do not fit together. */
export function requirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const errors = requirementErrors(key, operator, values)
  if (errors.length > 0) throw new SelectorError(aggregate(errors.map(errorText)))
  return { key, operator, values }
}

/** `at`: where the requirement is, with a dot at its end. */
export function requirementErrors(
  key: string,
  operator: Operator,
  values: readonly string[],
  at = '',
): readonly FieldError[] {
  const errors: FieldError[] = []
  const keyError = invalidKey(key, `${at}key`)
  if (keyError !== undefined) errors.push(keyError)
  const fault = (detail: string) => errors.push(fieldErrors.invalid(`${at}values`, values, detail))
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) fault("for 'in', 'notin' operators, values set can't be empty")
      break
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1) fault('exact-match compatibility requires one single value')
      break
    case 'exists':
    case '!':
      if (values.length !== 0) fault('values set must be empty for exists and does not exist')
      break
    case 'gt':
    case 'lt':
      if (values.length !== 1) fault("for 'Gt', 'Lt' operators, exactly one value is required")
      for (const [index, value] of values.entries()) {
        if (parseInt64(value) !== undefined) continue
        const detail = "for 'Gt', 'Lt' operators, the value must be an integer"
        errors.push(fieldErrors.invalid(`${at}values[${index}]`, value, detail))
      }
  }
  for (const [index, value] of values.entries()) {
    const faults = labelValue(value)
    if (faults.length > 0) errors.push(fieldErrors.invalid(`${at}values[${index}][${key}]`, value, faults.join('; ')))
  }
  return errors
}

export function invalidKey(key: string, field: string): FieldError | undefined {
  const faults = labelKey(key)
  return faults.length === 0 ? undefined : fieldErrors.invalid(field, key, faults.join('; '))
}

/** Go's strconv.ParseInt(text, 10, 64). */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

export function requirementMatches(requirement: Requirement, labels: Labels): boolean {
  const { key, operator, values } = requirement
  const exists = Object.hasOwn(labels, key)
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return exists && values.includes(labels[key]!)
    case '!=':
    case 'notin':
      return !exists || !values.includes(labels[key]!)
    case 'exists':
      return exists
    case '!':
      return !exists
    case 'gt':
    case 'lt': {
      const value = exists ? parseInt64(labels[key]!) : undefined
      const bound = parseInt64(values[0] ?? '')
      if (value === undefined || bound === undefined) return false
      return operator === 'gt' ? value > bound : value < bound
    }
  }
}

const printed: Record<Operator, string> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  in: ' in ',
  notin: ' notin ',
  gt: '>',
  lt: '<',
  exists: '',
  '!': '',
}

export function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  const list = [...values].sort().join(',')
  return `${key}${printed[operator]}${operator === 'in' || operator === 'notin' ? `(${list})` : list}`
}
