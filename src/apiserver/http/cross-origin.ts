import type { AnswerHeaders, HeaderMap } from './exchange.ts'

/** What scripts of other origins may do, as upstream lets them (apiserver pkg/server/filters/cors.go). */
const granted = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers':
    'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
}

/** The headers of an answer to a script of another origin; undefined: it comes from none, or may not read it. */
export function crossOriginHeaders(
  headers: HeaderMap,
  isAllowed: ((origin: string) => boolean) | undefined,
): AnswerHeaders | undefined {
  const origin = headers['origin']
  if (!origin || isAllowed?.(origin) !== true) return undefined
  return { 'access-control-allow-origin': origin, ...granted }
}
