import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'

const modes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes: readonly string[] = ['Block', 'Filesystem']

/** The access modes of volumes and of claims (pkg/apis/core/validation). */
export function checkAccessModes(accessModes: readonly string[] = [], field: string): FieldError[] {
  const errors = accessModes
    .filter((mode) => !modes.includes(mode))
    .map((mode) => fieldErrors.notSupported(field, mode, modes))
  const known = accessModes.filter((mode) => modes.includes(mode))
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    errors.push(fieldErrors.forbidden(field, 'may not use ReadWriteOncePod with other access modes'))
  }
  return errors
}
