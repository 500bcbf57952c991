import { badRequest, timeout } from '../../machinery/errors.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import type { RawAnswer } from '../answer.ts'
import type { Query } from '../routing/query.ts'

/**
 * Milliseconds that a request may take: what it asks for in `timeout=`, `limitMs` (--request-timeout) at most (endpoints/filters/request_deadline.go).
 * Throws BadRequest.
 */
export function deadlineOf(query: Query, limitMs: number): number {
  const text = query.get('timeout')
  if (text === undefined || text === '') return limitMs
  const asked = durationMs(text)
  return asked <= 0 ? limitMs : Math.min(asked, limitMs)
}

function durationMs(text: string): number {
  try {
    return parseGoDuration(text) / 1e6
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`, { cause: error })
  }
}

/** Written below all encoding, so that it is a Status without its kind and called text (server/filters/timeout.go). */
export function deadlineExceeded(): RawAnswer {
  const { code, message, reason } = timeout('request did not complete within the allotted timeout').status
  const status = { metadata: {}, status: 'Failure', message, reason, details: {}, code }
  return { type: 'raw', code: 504, contentType: 'text/plain; charset=utf-8', body: `${JSON.stringify(status)}\n` }
}
