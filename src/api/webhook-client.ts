import { fieldErrors, type FieldError } from '../machinery/field-error.ts'
import { GoUrlError, parseGoUrl, type GoUrl } from '../machinery/go-url.ts'
import { dns1123Subdomain } from '../machinery/validation/dns-names.ts'
import { portNumber } from '../machinery/validation/value-formats.ts'

/** How webhooks of admission and of conversion are reached (apiserver pkg/util/webhook/validation.go). */
export interface WebhookService {
  readonly namespace?: string
  readonly name?: string
  readonly path?: string
  readonly port?: number
}

const form = '; desired format: https://host[/path]'

export function validateWebhookUrl(text: string, field: string): FieldError[] {
  let url: GoUrl
  try {
    url = parseGoUrl(text)
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error
    return [fieldErrors.required(field, `url must be a valid URL: ${error.message}${form}`)]
  }
  const { scheme, host, user, fragment, rawQuery } = url
  const errors: FieldError[] = []
  const wrong = (value: string, detail: string) => errors.push(fieldErrors.invalid(field, value, detail))
  if (scheme !== 'https') wrong(scheme, `'https' is the only allowed URL scheme${form}`)
  if (host === '') wrong(host, `host must be specified${form}`)
  if (user !== undefined) wrong(user, 'user information is not permitted in the URL')
  if (fragment !== '') wrong(fragment, 'fragments are not permitted in the URL')
  if (rawQuery !== '') wrong(rawQuery, 'query parameters are not permitted in the URL')
  return errors
}

export function validateWebhookService({ namespace, name, path = '', port = 0 }: WebhookService, field: string) {
  const errors: FieldError[] = []
  // Upstream's callers mix up the two: what is said to be missing is the other.
  if (!namespace) errors.push(fieldErrors.required(`${field}.name`))
  if (!name) errors.push(fieldErrors.required(`${field}.namespace`))
  const faults = portNumber(port)
  if (faults.length > 0) {
    errors.push(fieldErrors.invalid(`${field}.port`, port, `port is not valid: ${faults.join(', ')}`))
  }
  return [...errors, ...validatePath(path, `${field}.path`)]
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '/' || path === '') return []
  const wrong = (detail: string) => fieldErrors.invalid(field, path, detail)
  if (path === '//') return [wrong('segment[0] may not be empty')]
  const errors = path.startsWith('/') ? [] : [wrong("must start with a '/'")]
  for (const [index, segment] of path.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (segment === '') errors.push(wrong(`segment[${index}] may not be empty`))
    else errors.push(...dns1123Subdomain(segment).map((fault) => wrong(`segment[${index}]: ${fault}`)))
  }
  return errors
}
