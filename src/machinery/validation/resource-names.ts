import { fieldErrors, type FieldError } from '../field-error.ts'
import { dns1123Subdomain } from './dns-names.ts'
import { labelKey } from './label-names.ts'
import { byteLength, maxBytes } from './message-text.ts'
import { cIdentifier } from './value-formats.ts'

/** Names that dynamic resource allocation uses (apimachinery pkg/api/validate/strfmt.go). */

const maxDomain = 63
const maxIdentifier = 32

export function checkIdentifier(name: string, field: string): FieldError[] {
  const errors = byteLength(name) > maxIdentifier ? [fieldErrors.tooLong(field, name, maxIdentifier)] : []
  return [...errors, ...cIdentifier(name).map((detail) => fieldErrors.invalid(field, name, detail))]
}

/** `identifier` or `domain/identifier`. */
export function checkQualifiedName(name: string, field: string): FieldError[] {
  const [first = '', second, ...others] = name.split('/')
  if (second === undefined) return checkIdentifier(first, field)
  if (others.length > 0) return []
  const errors: FieldError[] = []
  if (first === '') errors.push(fieldErrors.invalid(field, '', 'prefix must not be empty'))
  else {
    if (byteLength(first) > maxDomain) errors.push(fieldErrors.tooLong(field, first, maxDomain))
    errors.push(
      ...dns1123Subdomain(first, maxBytes).map((detail) => fieldErrors.invalid(field, first, `prefix: ${detail}`)),
    )
  }
  if (second === '') errors.push(fieldErrors.invalid(field, '', 'name must not be empty'))
  else errors.push(...checkIdentifier(second, field))
  return errors
}

/** As {@link checkQualifiedName}, with a domain. */
export function checkFullyQualifiedName(name: string, field: string): FieldError[] {
  const errors = checkQualifiedName(name, field)
  if (name.includes('/')) return errors
  const detail = 'a fully qualified name must be a domain and a name separated by a slash'
  return [...errors, fieldErrors.invalid(field, name, detail)]
}

/** Subdomains with slashes between them. */
export function checkResourcePoolName(name: string, field: string): FieldError[] {
  const errors = byteLength(name) > 253 ? [fieldErrors.tooLong(field, name, 253)] : []
  for (const [index, part] of name.split('/').entries()) {
    if (part === '') errors.push(fieldErrors.invalid(field, name, `segment ${index}: must not be empty`))
    else
      errors.push(
        ...dns1123Subdomain(part, maxBytes).map((detail) =>
          fieldErrors.invalid(field, part, `segment ${index}: ${detail}`),
        ),
      )
  }
  return errors
}

export function checkExtendedResourceName(name: string, field: string): FieldError[] {
  const errors: FieldError[] = []
  const invalid = (detail: string) => errors.push(fieldErrors.invalid(field, name, detail))
  if (!name.includes('/')) invalid("a name must be a domain-prefixed path, such as 'example.com/my-prop'")
  else if (name.includes('kubernetes.io/')) invalid('must not have "kubernetes.io/" domain')
  if (name.startsWith('requests.')) invalid('must not have "requests." prefix')
  for (const detail of labelKey(`requests.${name}`)) invalid(detail)
  return errors
}

export function uuid(text: string): string[] {
  const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
  return isUuid ? [] : ['must be a lowercase UUID in 8-4-4-4-12 format']
}
