import { errorBody, errorText, goQuote, type FieldError } from './field-error.ts'
import type { GroupKind, GroupResource } from './meta/object.ts'

/**
 * The one catalogue of refusals: each function makes an ApiError that knows its Status, with upstream's reason, code
 * and words (apimachinery pkg/api/errors/errors.go). Thrown anywhere; turned into an HTTP answer in one place.
 */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}
export interface Status {
  readonly apiVersion: 'v1'
  readonly kind: 'Status'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code: number
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status
  constructor(
    status: Omit<Status, 'apiVersion' | 'kind' | 'metadata' | 'status'> & { metadata?: Status['metadata'] },
    options?: ErrorOptions,
  ) {
    // A refusal is an answer, not a fault: where it was made costs more to find out than the answer. Faults are its cause.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(status.message, options)
    Error.stackTraceLimit = limit
    const { metadata = {}, message, reason, details, code } = status
    this.status = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, details, code }
  }
  get code(): number {
    return this.status.code
  }
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** `resource` for the core group, else `resource.group`. */
export function qualified(of: GroupResource | GroupKind): string {
  const name = 'resource' in of ? of.resource : of.kind
  return of.group === '' ? name : `${name}.${of.group}`
}

// Members that Go leaves out when empty (omitempty) stay undefined here.
const on = (resource: GroupResource, name?: string, more: StatusDetails = {}): StatusDetails => ({
  name: name || undefined,
  group: resource.group || undefined,
  kind: resource.resource || undefined,
  ...more,
})

export function notFound(resource: GroupResource, name: string): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    details: on(resource, name),
    message: `${qualified(resource)} ${goQuote(name)} not found`,
  })
}
/** The answer to a path that names no resource. */
export function noSuchPath(): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    details: {},
    message: 'the server could not find the requested resource',
  })
}
/** A path that not even a group of the API has; people see the words of Go's file server. */
export class PageNotFound extends ApiError {
  constructor() {
    super(noSuchPath().status)
  }
}
export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    details: on(resource, name),
    message: `${qualified(resource)} ${goQuote(name)} already exists`,
  })
}
export function generateNameConflict(resource: GroupResource, name: string, retryAfterSeconds: number): ApiError {
  const message = `${qualified(resource)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`
  return new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    details: on(resource, name, { retryAfterSeconds }),
    message,
  })
}
export function unauthorized(message = 'Unauthorized'): ApiError {
  return new ApiError({ code: 401, reason: 'Unauthorized', message })
}
/** `resource.resource` empty: the path is no resource. `name` empty: the collection. */
export function forbidden(resource: GroupResource, name: string, why: string): ApiError {
  const subject =
    resource.resource === '' && resource.group === ''
      ? 'forbidden'
      : name === ''
        ? `${qualified(resource)} is forbidden`
        : `${qualified(resource)} ${goQuote(name)} is forbidden`
  return new ApiError({ code: 403, reason: 'Forbidden', details: on(resource, name), message: `${subject}: ${why}` })
}
export function conflict(resource: GroupResource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${goQuote(name)}: ${why}`
  return new ApiError({ code: 409, reason: 'Conflict', details: on(resource, name), message })
}
/** The object changed since the writer read it (registry.OptimisticLockErrorMsg). */
export function staleWrite(resource: GroupResource, name: string): ApiError {
  return conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )
}
export function applyConflict(causes: readonly StatusCause[], message: string): ApiError {
  return new ApiError({ code: 409, reason: 'Conflict', details: { causes }, message })
}
export function expired(message: string, continueToken?: string): ApiError {
  return new ApiError({
    code: 410,
    reason: 'Expired',
    message,
    metadata: continueToken === undefined ? {} : { continue: continueToken },
  })
}
export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const causes = errors.map((error) => ({ reason: error.type, message: errorBody(error), field: error.field }))
  const details = {
    name: name || undefined,
    group: kind.group || undefined,
    kind: kind.kind || undefined,
    causes: causes.length > 0 ? causes : undefined,
  }
  const subject = `${qualified({ group: kind.group, kind: kind.kind })} ${goQuote(name)} is invalid`
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    details,
    message: errors.length === 0 ? subject : `${subject}: ${aggregate(errors.map(errorText))}`,
  })
}
/** Several messages as one, each once (apimachinery pkg/util/errors Aggregate). */
export function aggregate(messages: readonly string[]): string {
  const once = [...new Set(messages)]
  return once.length === 1 ? once[0]! : `[${once.join(', ')}]`
}
export function badRequest(message: string, options?: ErrorOptions): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message }, options)
}
export function methodNotSupported(resource: GroupResource, action: string): ApiError {
  const message = `${action} is not supported on resources of kind ${goQuote(qualified(resource))}`
  return new ApiError({ code: 405, reason: 'MethodNotAllowed', details: on(resource), message })
}
export function methodNotAllowed(): ApiError {
  return new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    details: {},
    message: 'the server does not allow this method on the requested resource',
  })
}
export function notAcceptable(accepted: readonly string[]): ApiError {
  return new ApiError({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
  })
}
export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return new ApiError({ code: 415, reason: 'UnsupportedMediaType', message })
}
/** What the router answers for a content type that a route does not take (go-restful). */
export function contentTypeNotTaken(): ApiError {
  return new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  })
}
export function requestEntityTooLarge(why: string): ApiError {
  return new ApiError({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: ${why}` })
}
export function tooManyRequests(message: string, retryAfterSeconds: number, more: StatusDetails = {}): ApiError {
  return new ApiError({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: { ...more, retryAfterSeconds: retryAfterSeconds || undefined },
  })
}
export function serviceUnavailable(message: string): ApiError {
  return new ApiError({ code: 503, reason: 'ServiceUnavailable', message })
}
export function serverTimeout(resource: GroupResource, operation: string, retryAfterSeconds: number): ApiError {
  const message = `The ${operation} operation against ${qualified(resource)} could not be completed at this time, please try again.`
  return new ApiError({
    code: 500,
    reason: 'ServerTimeout',
    details: on(resource, operation, { retryAfterSeconds: retryAfterSeconds || undefined }),
    message,
  })
}
export function timeout(message: string, retryAfterSeconds = 0): ApiError {
  return new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: ${message}`,
    details: { retryAfterSeconds: retryAfterSeconds || undefined },
  })
}
export function internalError(why: unknown): ApiError {
  const message = why instanceof Error ? why.message : String(why)
  return new ApiError(
    {
      code: 500,
      reason: 'InternalError',
      details: { causes: [{ message }] },
      message: `Internal error occurred: ${message}`,
    },
    { cause: why },
  )
}

/** Whether `error` is a refusal with one of these reasons, e.g. `isReason(error, 'NotFound')`. */
export function isReason(error: unknown, ...reasons: string[]): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason)
}
