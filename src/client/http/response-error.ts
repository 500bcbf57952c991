import { ApiError, type Status } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'

const words: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['Conflict', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
}

/** The error in an answer that is not 2xx: the Status it carries, or what client-go makes of an answer without one. */
export function responseError(method: string, code: number, body: unknown, retryAfterSeconds?: number): ApiError {
  if (isObject(body) && body.kind === 'Status' && body.status !== 'Success') {
    return new ApiError({ ...(body as unknown as Status), code: (body.code as number) || code })
  }
  const text = typeof body === 'string' && body.trim() !== '' ? body.trim() : 'unknown'
  let [reason, message] = words[code] ?? [
    'Unknown',
    `the server responded with the status code ${code} but did not return more information`,
  ]
  if (code === 409 && method === 'POST') reason = 'AlreadyExists'
  else if (code === 403) [reason, message] = ['Forbidden', text]
  else if (code === 415) [reason, message] = ['UnsupportedMediaType', text]
  else if (code === 406) {
    const unknown = 'the server was unable to respond with a content type that the client supports'
    ;[reason, message] = ['NotAcceptable', text === 'unknown' ? unknown : text]
  } else if (code >= 500 && words[code] === undefined) {
    reason = 'InternalError'
    message = `an error on the server (${goQuote(text)}) has prevented the request from succeeding`
  }
  const causes = [{ reason: 'UnexpectedServerResponse', message: text }]
  return new ApiError({ code, reason, message, details: { causes, retryAfterSeconds } })
}
