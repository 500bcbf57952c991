import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { VolumeAttributesClass } from '../../types.generated.ts'
import { validateParameters, validateProvisioner } from './parameters.ts'

/** pkg/apis/storage/validation ValidateVolumeAttributesClass. */
export function validateAttributesClass({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const errors = driverName ? validateProvisioner(driverName, 'driverName') : [fieldErrors.required('driverName')]
  errors.push(...validateParameters(parameters, 'parameters'))
  if (Object.keys(parameters ?? {}).length === 0) {
    errors.push(fieldErrors.required('parameters', 'must contain at least one key/value pair'))
  }
  return errors
}

export function validateAttributesClassUpdate(now: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] {
  const changed = (['driverName', 'parameters'] as const).filter((member) => !jsonEqual(now[member], old[member]))
  return [
    ...changed.map((member) => fieldErrors.forbidden(member, `updates to ${member} are forbidden.`)),
    ...validateAttributesClass(now),
  ]
}
