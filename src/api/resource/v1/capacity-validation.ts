import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  quantityScaled,
  quantitySign,
} from '../../../machinery/quantity.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from '../../types.generated.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import { checkItems } from './item-checks.ts'

/** How capacity can be shared (pkg/apis/resource/validation validateMultiAllocatableDeviceCapacity). */

const maxValues = 10
const maxInt64 = '9223372036854775807'

export function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  field: string,
  shared: boolean,
  enabled: FeatureEnabled,
): FieldError[] {
  if (requestPolicy === undefined) return []
  const at = `${field}.requestPolicy`
  if (!shared) return [fieldErrors.forbidden(at, 'allowMultipleAllocations must be true')]
  const { validValues = [], validRange } = requestPolicy
  const fractions = enabled('DRAFractionalCapacityRange')
  if (validValues.length > 0 && validRange !== undefined) {
    const detail = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    return [fieldErrors.forbidden(at, detail)]
  }
  if (validValues.length > 0)
    return withDefault(requestPolicy, at, 'validValues', (wanted) => {
      return validateValues(wanted, value, validValues, `${at}.validValues`, fractions)
    })
  if (validRange === undefined) return []
  return withDefault(requestPolicy, at, 'validRange', (wanted) => {
    return validateRange(wanted, value, validRange, `${at}.validRange`, fractions)
  })
}

function withDefault(
  policy: CapacityRequestPolicy,
  field: string,
  because: string,
  check: (wanted: string) => FieldError[],
): FieldError[] {
  // Always written: null when there is none.
  const wanted = policy.default ?? undefined
  if (wanted !== undefined) return check(wanted)
  return [fieldErrors.required(`${field}.default`, `required when ${because} is defined`)]
}

function validateValues(
  wanted: string,
  capacity: string,
  values: readonly string[],
  field: string,
  fractions: boolean,
): FieldError[] {
  const errors = values.flatMap((value, index) =>
    index > 0 && compareQuantities(values[index - 1]!, value) > 0
      ? [fieldErrors.invalid(`${field}[${index}]`, value, 'values must be sorted in ascending order')]
      : [],
  )
  const key = (value: string) => (fractions ? canonicalQuantity(value) : String(quantityScaled(value, 0)))
  errors.push(
    ...checkItems(values, field, { max: maxValues, key }, (value, at) =>
      compareQuantities(value, capacity) > 0
        ? [fieldErrors.invalid(at, value, `option is larger than capacity value: ${capacity}`)]
        : [],
    ),
  )
  const found = values.length <= maxValues && values.some((value) => compareQuantities(value, wanted) === 0)
  if (!found) {
    errors.push(fieldErrors.invalid(field, wanted, 'default value is not valid according to the requestPolicy'))
  }
  return errors
}

function validateRange(
  wanted: string,
  capacity: string,
  { min, max, step }: Partial<CapacityRequestPolicyRange>,
  field: string,
  fractions: boolean,
): FieldError[] {
  if (!min) return [fieldErrors.required(`${field}.min`, 'required when validRange is defined')]
  const errors: FieldError[] = []
  const check = (isWrong: boolean, member: string, value: string, detail: string) => {
    if (isWrong) errors.push(fieldErrors.invalid(`${field}.${member}`, value, detail))
  }
  const above = (a: string, b: string) => compareQuantities(a, b) > 0
  check(above(min, capacity), 'min', min, `min is larger than capacity value: ${capacity}`)
  check(above(min, wanted), 'default', wanted, `default is less than min: ${min}`)
  if (max !== undefined) {
    check(above(min, max), 'max', min, `min is larger than max: ${max}`)
    check(above(max, capacity), 'max', max, `max is larger than capacity value: ${capacity}`)
    check(above(wanted, max), 'default', wanted, `default is more than max: ${max}`)
  }
  const bounds = { default: wanted, min, max, step }
  const given = Object.entries(bounds).filter((each): each is [string, string] => each[1] !== undefined)
  const inThousandths = fractions && given.some(([, value]) => isFraction(value, 0))
  if (inThousandths) {
    const finer = given.filter(([, value]) => isFraction(value, -3))
    for (const [member, value] of finer) check(true, member, value, 'value cannot be represented as a milli value')
    if (finer.length > 0) return errors
  }
  if (step === undefined) return errors
  if (quantitySign(step) <= 0) {
    check(true, 'step', step, 'must be greater than zero')
    return errors
  }
  const next = formatQuantity(addQuantities(min, step))
  check(above(next, capacity), 'step', step, `one step ${next} is larger than capacity value: ${capacity}`)
  const before = errors.length
  for (const [member, value] of inThousandths ? [] : given) {
    if (quantitySign(value) < 0) check(true, member, value, 'must be greater than or equal to 0')
    else check(above(value, maxInt64), member, value, `must not be larger than ${maxInt64}`)
  }
  if (errors.length > before) return errors
  for (const value of max === undefined ? [wanted] : [wanted, max]) {
    const scale = inThousandths ? -3 : 0
    const remainder = (quantityScaled(value, scale) - quantityScaled(min, scale)) % quantityScaled(step, scale)
    check(remainder !== 0n, 'step', value, `value is not a multiple of a given step (${step}) from (${min})`)
  }
  return errors
}

/** Whether a quantity has parts finer than ten to the power of `scale`. */
function isFraction(text: string, scale: number): boolean {
  const whole = quantityScaled(text, scale)
  return compareQuantities(text, { digits: whole, scale, format: 'DecimalSI' }) !== 0
}
