import type { RawAnswer } from '../answer.ts'
import type { ServerRequest } from '../request.ts'

export interface Content {
  readonly body: Uint8Array
  readonly contentType: string
  /** Without quotes. */
  readonly tag?: string
  readonly modifiedAt: number
  readonly headers?: RawAnswer['headers']
}

/** A document as Go's http.ServeContent serves it: only where it has changed, or a part of it (RFC 9110 § 13, § 14). */
export function contentAnswer(request: ServerRequest, content: Content): RawAnswer {
  const { body, contentType, tag } = content
  const etag = tag === undefined ? undefined : `"${tag}"`
  const modified = new Date(content.modifiedAt).toUTCString()
  const headers = { ...content.headers, etag }
  const whole: RawAnswer = {
    type: 'raw',
    code: 200,
    contentType,
    headers: { ...headers, 'last-modified': modified, 'accept-ranges': 'bytes' },
    body,
  }
  switch (precondition(request, etag, Math.floor(content.modifiedAt / 1000) * 1000)) {
    case 'failed':
      return { ...whole, code: 412, headers: { ...headers, 'last-modified': modified }, body: '' }
    case 'unchanged': {
      // What has a tag needs no date.
      const date = etag === undefined ? { 'last-modified': modified } : {}
      return { ...whole, code: 304, contentType: undefined, headers: { ...headers, ...date }, body: '' }
    }
  }
  const range = request.headers['range']
  const rangeHolds = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  return range === undefined || !rangeHolds ? whole : part(whole, body, range)
}

/** What the client has already, exactly so; for documents that know nothing but their tag. */
export function taggedAnswer(
  request: ServerRequest,
  { body, tag, contentType, headers }: Omit<Content, 'modifiedAt' | 'tag'> & { readonly tag: string },
): RawAnswer {
  const etag = `"${tag}"`
  const known = request.headers['if-none-match'] === etag
  return {
    type: 'raw',
    code: known ? 304 : 200,
    contentType: known ? undefined : contentType,
    headers: { ...headers, etag },
    body: known ? '' : body,
  }
}

function precondition(
  { method, headers }: ServerRequest,
  etag: string | undefined,
  modifiedAt: number,
): 'failed' | 'unchanged' | undefined {
  const names = (list: string, weakly: boolean) =>
    list.split(',').some((each) => {
      const trimmed = each.trim()
      return trimmed === '*' || (etag !== undefined && (weakly ? trimmed.replace(/^W\//, '') : trimmed) === etag)
    })
  const time = (text: string | undefined) => Date.parse(text ?? '')
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) {
    if (!names(ifMatch, false)) return 'failed'
  } else if (modifiedAt > time(headers['if-unmodified-since'])) return 'failed'
  const isRead = method === 'GET' || method === 'HEAD'
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) {
    if (!names(ifNoneMatch, true)) return undefined
    return isRead ? 'unchanged' : 'failed'
  }
  return isRead && modifiedAt <= time(headers['if-modified-since']) ? 'unchanged' : undefined
}

/** One range of bytes; several at once are answered by the whole. */
function part(whole: RawAnswer, body: Uint8Array, range: string): RawAnswer {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(range)
  if (range.includes(',')) return whole
  const size = body.byteLength
  const [first, last] = match === null ? ['', ''] : [match[1]!, match[2]!]
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if ((first === '' && last === '') || from >= size || from >= to) {
    const { 'accept-ranges': _, ...headers } = whole.headers ?? {}
    const plain = { 'x-content-type-options': 'nosniff', 'content-range': `bytes */${size}` }
    const why = match === null || from < size ? 'invalid range' : 'invalid range: failed to overlap'
    return {
      type: 'raw',
      code: 416,
      contentType: 'text/plain; charset=utf-8',
      headers: { ...headers, ...plain },
      body: `${why}\n`,
    }
  }
  return {
    ...whole,
    code: 206,
    headers: { ...whole.headers, 'content-range': `bytes ${from}-${to - 1}/${size}` },
    body: body.subarray(from, to),
  }
}
