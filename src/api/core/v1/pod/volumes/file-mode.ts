import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'

/** The permissions of a projected file; undefined is fine. */
export function checkFileMode(mode: number | undefined, field: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [fieldErrors.invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}
