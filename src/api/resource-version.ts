import { fieldErrors, type FieldError } from '../machinery/field-error.ts'

/** Revisions that objects mention can be compared (apimachinery pkg/util/resourceversion). */
export function checkResourceVersion(text: string, field: string): FieldError[] {
  if (text === '' || /^[1-9][0-9]*$/.test(text)) return []
  return [fieldErrors.invalid(field, text, `resource version is not well formed: ${text}`)]
}
