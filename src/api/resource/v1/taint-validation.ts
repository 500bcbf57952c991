import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateLabelName } from '../../../machinery/validation/label-selector.ts'
import type { DeviceTaint, DeviceTaintSelector, DeviceToleration } from '../../types.generated.ts'
import { checkDeviceName, checkDriverName, checkLabelValue, checkPoolName } from './device-names.ts'

/** What is declared with the types (effects, operators) is not repeated here. */

export function validateDeviceTaint({ key, value }: DeviceTaint, field: string): FieldError[] {
  return [...validateLabelName(key, `${field}.key`), ...(value ? checkLabelValue(value, `${field}.value`) : [])]
}

export function validateDeviceToleration({ operator, value = '' }: DeviceToleration, field: string): FieldError[] {
  if (operator === 'Equal') return checkLabelValue(value, `${field}.value`)
  if (operator !== 'Exists' || value === '') return []
  return [fieldErrors.invalid(`${field}.value`, value, 'must be empty for operator `Exists`')]
}

export function validateDeviceTolerations(
  tolerations: readonly DeviceToleration[] | undefined,
  field: string,
): FieldError[] {
  return (tolerations ?? []).flatMap((each, index) => validateDeviceToleration(each, `${field}[${index}]`))
}

export function validateDeviceTaintSelector(selector: DeviceTaintSelector | undefined, field: string): FieldError[] {
  const { driver, pool, device } = selector ?? {}
  return [
    ...(driver === undefined ? [] : checkDriverName(driver, `${field}.driver`)),
    ...(pool === undefined ? [] : checkPoolName(pool, `${field}.pool`)),
    ...(device === undefined ? [] : checkDeviceName(device, `${field}.device`)),
  ]
}
