import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkField } from '../../field-checks.ts'

/** What a class tells its driver (pkg/apis/storage/validation validateProvisioner, validateParameters). */
type Parameters = Readonly<Record<string, string>>
const maxParameters = 512
const maxBytes = 256 * 1024

export function validateProvisioner(name: string, field: string): FieldError[] {
  return name ? checkField(name.toLowerCase(), field, qualifiedName) : []
}

export function validateParameters(parameters: Parameters = {}, field: string): FieldError[] {
  const entries = Object.entries(parameters)
  if (entries.length > maxParameters) return [fieldErrors.tooLong(field, '', maxParameters)]
  const errors = entries
    .filter(([key]) => key === '')
    .map(([key]) => fieldErrors.invalid(field, key, 'field can not be empty.'))
  return [...errors, ...validateSize(parameters, field)]
}

export function validateSize(texts: Parameters = {}, field: string): FieldError[] {
  let bytes = 0
  for (const [key, value] of Object.entries(texts)) bytes += byteLength(key) + byteLength(value)
  return bytes > maxBytes ? [fieldErrors.tooLong(field, '', maxBytes)] : []
}
