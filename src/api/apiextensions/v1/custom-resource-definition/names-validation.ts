import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1035Label } from '../../../../machinery/validation/dns-names.ts'
import type { CustomResourceDefinitionNames } from '../../../types.generated.ts'

/** The names that a definition wants, or has (validation.go ValidateCustomResourceDefinitionNames). */
export function validateNames(names: Partial<CustomResourceDefinitionNames>, field: string): FieldError[] {
  const { plural, singular, kind, listKind, shortNames = [], categories = [] } = names
  const check = (value: string | undefined, at: string, anyCase = false): FieldError[] => {
    const faults = value ? dns1035Label(anyCase ? value.toLowerCase() : value).join(',') : ''
    if (faults === '') return []
    const detail = anyCase ? `may have mixed case, but should otherwise match: ${faults}` : faults
    return [fieldErrors.invalid(`${field}.${at}`, value, detail)]
  }
  const ambiguous = Boolean(kind) && kind === listKind
  return [
    ...check(plural, 'plural'),
    ...check(singular, 'singular'),
    ...check(kind, 'kind', true),
    ...check(listKind, 'listKind', true),
    ...shortNames.flatMap((name, index) => validateListed(name, `${field}.shortNames[${index}]`)),
    ...(ambiguous ? [fieldErrors.invalid(`${field}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, index) => validateListed(name, `${field}.categories[${index}]`)),
  ]
}

function validateListed(name: string, field: string): FieldError[] {
  const faults = dns1035Label(name)
  return faults.length > 0 ? [fieldErrors.invalid(field, name, faults.join(','))] : []
}
