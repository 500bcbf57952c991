import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateLabelName } from '../../../machinery/validation/label-selector.ts'
import { checkItems } from './item-checks.ts'

const max = 4

interface BindingConditions {
  readonly bindingConditions?: readonly string[]
  readonly bindingFailureConditions?: readonly string[]
}

/** pkg/apis/resource/validation validateDeviceBindingParameters. */
export function validateBindingConditions(
  { bindingConditions = [], bindingFailureConditions = [] }: BindingConditions,
  field: string,
): FieldError[] {
  const success = `${field}.bindingConditions`
  const failure = `${field}.bindingFailureConditions`
  const errors = [
    ...checkItems(bindingConditions, success, { max, declared: true }, validateLabelName),
    ...checkItems(bindingFailureConditions, failure, { max, declared: true }, validateLabelName),
    ...duplicates(bindingConditions, success),
  ]
  for (const [index, condition] of bindingFailureConditions.entries()) {
    const at = `${failure}[${index}]`
    if (bindingFailureConditions.indexOf(condition) < index) errors.push(fieldErrors.duplicate(at, condition))
    if (bindingConditions.includes(condition)) {
      const detail = 'bindingFailureConditions must not overlap with bindingConditions'
      errors.push(fieldErrors.invalid(at, condition, detail))
    }
  }
  const need = (at: string, name: string, other: string) =>
    errors.push(fieldErrors.invalid(at, null, `${name} are required to use ${other}`))
  if (bindingConditions.length === 0 && bindingFailureConditions.length > 0) {
    need(success, 'bindingConditions', 'bindingFailureConditions')
  }
  if (bindingFailureConditions.length === 0 && bindingConditions.length > 0) {
    need(failure, 'bindingFailureConditions', 'bindingConditions')
  }
  return errors
}

function duplicates(items: readonly string[], field: string): FieldError[] {
  return items.flatMap((item, index) =>
    items.indexOf(item) < index ? [fieldErrors.duplicate(`${field}[${index}]`, item)] : [],
  )
}
