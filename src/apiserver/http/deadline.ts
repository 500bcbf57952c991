import { type ApiError, badRequest, timeout } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import type { Query } from '../routing/query.ts'

/** Requests that have an end of their own end by then (--request-timeout). */
export const requestTimeoutMs = 60_000

/**
 * Milliseconds that a request may take: what it asks for in `timeout=`, a minute at most (endpoints/filters/request_deadline.go).
 * Throws BadRequest.
 */
export function deadlineOf(query: Query): number {
  const text = query.get('timeout')
  if (text === undefined || text === '') return requestTimeoutMs
  const asked = durationMs(text)
  if (asked === undefined) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${goQuote(text)}`)
  }
  return asked <= 0 ? requestTimeoutMs : Math.min(asked, requestTimeoutMs)
}

function durationMs(text: string): number | undefined {
  try {
    return parseGoDuration(text) / 1e6
  } catch {
    return undefined
  }
}

export function deadlineExceeded(): ApiError {
  return timeout('request did not complete within the allotted timeout')
}
