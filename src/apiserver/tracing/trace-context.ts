/** The headers that say which trace a request belongs to (W3C Trace Context, level 1). */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

const zeros = /^0+$/
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const maxStateBytes = 512

/**
 * What is to be passed on to whom the server asks on a request's behalf. The server makes no spans of its own, so that what
 * came in goes on as it is, as upstream's does without --tracing-config-file. Undefined: there is no trace, or none that
 * can be read, and nothing is passed on.
 */
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
