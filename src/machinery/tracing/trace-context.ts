import { activeSpan, type SpanContext } from './span.ts'

/** The headers that say which trace a request belongs to (W3C Trace Context, level 1). */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

const zeros = /^0+$/
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const maxStateBytes = 512

/** The span that a caller belongs to, by these headers; undefined: none, or none that can be read. */
export function spanContextOf(headers: Readonly<Record<string, string | undefined>>): SpanContext | undefined {
  const trace = traceContextOf(headers)
  if (trace === undefined) return undefined
  const [, , traceId = '', spanId = '', flags = ''] = form.exec(trace.traceparent) ?? []
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, state: trace.tracestate }
}

/** What is passed on to whom is asked as a part of a span. */
export function traceContextFor({ traceId, spanId, sampled, state }: SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
  return state === undefined ? { traceparent } : { traceparent, tracestate: state }
}

/**
 * What is to be passed on to whom the server asks on a request's behalf: the span that is recorded, or else what came in,
 * as it is. Undefined: there is no trace, or none that can be read, and nothing is passed on.
 */
export function outgoingTrace(headers: Readonly<Record<string, string | undefined>>): TraceContext | undefined {
  const span = activeSpan()
  return span === undefined ? traceContextOf(headers) : traceContextFor(span.context)
}

/** The headers as they came; undefined: there is no trace, or none that can be read. */
export function traceContextOf(headers: Readonly<Record<string, string | undefined>>): TraceContext | undefined {
  const { traceparent, tracestate } = headers
  if (traceparent === undefined) return undefined
  const parts = form.exec(traceparent)
  if (parts === null) return undefined
  const [, version, trace = '', span = '', , rest] = parts
  // Version 00 ends with its flags; later ones may go on.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (zeros.test(trace) || zeros.test(span)) return undefined
  if (!tracestate || tracestate.length > maxStateBytes) return { traceparent }
  return { traceparent, tracestate }
}
