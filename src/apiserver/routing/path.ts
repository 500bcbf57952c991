import { badRequest } from '../../machinery/errors.ts'

export interface Target {
  /** Decoded, as authorization and audit see it. */
  readonly path: string
  /** The decoded segments, without the empty ones at either end. */
  readonly segments: readonly string[]
  /** The undecoded segments, for proxies that pass the rest of a path on. */
  readonly rawSegments: readonly string[]
  readonly query: string
}

/**
 * Splits a request target and decodes its segments exactly once, so that what is authorized is what is read. Segments
 * that are empty, `.`, `..`, or hold a slash or NUL once decoded are refused, except behind a `proxy` subresource, whose
 * rest belongs to the backend.
 */
export function parseTarget(target: string): Target {
  const question = target.indexOf('?')
  let raw = question < 0 ? target : target.slice(0, question)
  const query = question < 0 ? '' : target.slice(question + 1)
  if (!raw.startsWith('/')) {
    const origin = /^https?:\/\/[^/]*/i.exec(raw)
    if (origin === null) throw badRequest('invalid request path')
    raw = raw.slice(origin[0].length) || '/'
  }
  const rawSegments = raw.split('/')
  rawSegments.shift()
  if (rawSegments.at(-1) === '') rawSegments.pop()
  const plain = !raw.includes('%')
  const segments = plain ? rawSegments : rawSegments.map(decode)
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!
    if (segment === '' || segment === '.' || segment === '..' || segment.includes('/') || segment.includes('\0')) {
      throw badRequest(`invalid request path: segment ${i + 1} is empty, relative, or holds a slash or NUL`)
    }
    if (segment === 'proxy' && i >= 4) break
  }
  return {
    path: plain ? raw : `/${segments.join('/')}${raw.endsWith('/') && segments.length > 0 ? '/' : ''}`,
    segments,
    rawSegments,
    query,
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest('invalid request path: bad percent encoding')
  }
}
