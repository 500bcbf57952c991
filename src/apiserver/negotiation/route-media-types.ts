import { ApiError } from '../../machinery/errors.ts'
import type { ServerRequest } from '../request.ts'
import { allMediaTypes } from './media-type.ts'

const streamable = [
  ...allMediaTypes,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
]
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

/**
 * What the router of built-in kinds refuses before anybody looks at the request (emicklei/go-restful, route.go
 * matchesAccept and matchesContentType): it compares whole media types, so that `application/*` is none that it knows.
 * Throws NotAcceptable, UnsupportedMediaType.
 */
export function checkRouteMediaTypes(
  { method, headers }: Pick<ServerRequest, 'method' | 'headers'>,
  verb: string,
): void {
  const sent = headers['content-type']
  if (method === 'PATCH' && sent !== undefined && !patchTypes.includes(bare(sent))) {
    throw refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type')
  }
  checkAccept(headers['accept'], verb === 'list' || verb === 'watch' ? streamable : allMediaTypes)
}

/** Throws NotAcceptable. */
export function checkAccept(accept: string | undefined, types: readonly string[]): void {
  if (!accept || accept === 'application/json') return
  if (accept.split(',').some((clause) => bare(clause) === '*/*' || types.includes(bare(clause)))) return
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`
  throw refusal(406, 'NotAcceptable', message)
}

function bare(mediaType: string): string {
  return mediaType.split(';', 1)[0]!.trim()
}

function refusal(code: number, reason: string, message: string): ApiError {
  return new ApiError({ code, reason, message, details: {} })
}
