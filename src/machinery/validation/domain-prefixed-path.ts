import { fieldErrors, type FieldError } from '../field-error.ts'
import { dns1123Subdomain } from './dns-names.ts'
import { patternText } from './message-text.ts'

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const httpPathRegex = new RegExp(`^${httpPath}$`)

/** A path below a domain, `example.com/controller` (apimachinery pkg/util/validation IsDomainPrefixedPath). */
export function domainPrefixedPath(text: string, field: string): FieldError[] {
  if (text === '') return [fieldErrors.required(field)]
  const slash = text.indexOf('/')
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)]
  if (slash <= 0 || path === '') {
    return [fieldErrors.invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const errors = dns1123Subdomain(host).map((fault) => fieldErrors.invalid(field, host, fault))
  if (!httpPathRegex.test(path)) errors.push(fieldErrors.invalid(field, path, patternText('Invalid path', httpPath)))
  return errors
}
