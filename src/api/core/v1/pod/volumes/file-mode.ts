import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { userId } from '../../../../../machinery/validation/value-formats.ts'
import { checkField } from '../../../../field-checks.ts'

/** The permissions of a projected file; undefined is fine. */
export function checkFileMode(mode: number | undefined, field: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [fieldErrors.invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** Whose a projected file is; undefined is fine. */
export function checkFileUser(user: number | undefined, field: string): FieldError[] {
  return user === undefined ? [] : checkField(user, field, userId)
}
