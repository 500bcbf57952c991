import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { labelValue } from '../../../../machinery/validation/label-names.ts'
import { validateLabelName } from '../../../../machinery/validation/label-selector.ts'
import { decimalInteger } from '../../../../machinery/validation/value-formats.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { Toleration } from '../../../types.generated.ts'

/** Which taints a pod bears (pkg/apis/core/validation ValidateTolerations). */
export function validateTolerations(
  tolerations: readonly Toleration[] = [],
  field: string,
  rules: { readonly allowComparingTolerations: boolean },
): FieldError[] {
  return tolerations.flatMap((toleration, index) => validateToleration(toleration, `${field}[${index}]`, rules))
}

function validateToleration(
  toleration: Toleration,
  field: string,
  rules: { readonly allowComparingTolerations: boolean },
): FieldError[] {
  const { key, operator = '', effect = '', tolerationSeconds } = toleration
  const errors = key ? validateLabelName(key, `${field}.key`) : []
  if (!key && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    errors.push(fieldErrors.invalid(`${field}.operator`, operator, detail))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    errors.push(fieldErrors.invalid(`${field}.effect`, effect, detail))
  }
  errors.push(...validateOperator(toleration, field, rules))
  if (effect) errors.push(...validateTaintEffect(effect, `${field}.effect`))
  return errors
}

function validateOperator(
  toleration: Toleration,
  field: string,
  rules: { readonly allowComparingTolerations: boolean },
): FieldError[] {
  const at = `${field}.operator`
  const { value = '' } = toleration
  const operator: string = toleration.operator ?? ''
  switch (operator) {
    case 'Equal':
    case '': {
      const texts = labelValue(value)
      return texts.length > 0 ? [fieldErrors.invalid(at, value, texts.join(';'))] : []
    }
    case 'Exists':
      return value ? [fieldErrors.invalid(at, value, "value must be empty when `operator` is 'Exists'")] : []
    case 'Lt':
    case 'Gt':
      if (!rules.allowComparingTolerations) {
        return [fieldErrors.notSupported(at, operator, ['Equal', 'Exists', 'Lt', 'Gt'])]
      }
      return validateInteger(value, `${field}.value`)
    default:
      return [fieldErrors.notSupported(at, operator, ['Equal', 'Exists'])]
  }
}

function validateInteger(value: string, field: string): FieldError[] {
  const errors = decimalInteger(value).map((text) => fieldErrors.invalid(field, value, text))
  // Go's strconv is told what the pattern above has refused or let through.
  const why = !/^[+-]?[0-9]+$/.test(value)
    ? 'invalid syntax'
    : BigInt.asIntN(64, BigInt(value)) === BigInt(value)
      ? undefined
      : 'value out of range'
  if (why) errors.push(fieldErrors.invalid(field, value, `strconv.ParseInt: parsing ${JSON.stringify(value)}: ${why}`))
  return errors
}

const effects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
export function validateTaintEffect(effect: string, field: string): FieldError[] {
  return checkOneOf(effect, field, effects)
}
