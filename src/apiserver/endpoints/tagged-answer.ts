import type { Answer } from '../answer.ts'
import type { ServerRequest } from '../request.ts'

/** A document with its entity tag; 304 when the client has it already (RFC 9110 § 13.1.2). */
export function taggedAnswer(
  request: ServerRequest,
  document: {
    readonly body: Uint8Array
    /** Without quotes. */
    readonly tag: string
    readonly contentType: string
    readonly headers?: Readonly<Record<string, string>>
  },
): Answer {
  const { body, tag, contentType } = document
  const headers = { ...document.headers, etag: `"${tag}"` }
  const known = request.headers['if-none-match']?.split(',').some((each) => {
    const trimmed = each.trim().replace(/^W\//, '')
    return trimmed === '*' || trimmed === headers.etag
  })
  return { type: 'raw', code: known ? 304 : 200, contentType, headers, body: known ? '' : body }
}
