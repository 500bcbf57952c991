import type { ResourceDefinition } from '../../api/definition.ts'
import { badRequest, unsupportedMediaType } from '../../machinery/errors.ts'
import { isObject, jsonClone, type Draft } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import type { RequestBody } from '../request.ts'
import { parseMediaType, type MediaType } from './media-type.ts'

export interface DecodedObject {
  readonly object: Draft<KubeObject>
  /** Unknown and duplicate fields, in upstream's words and order; only looked for when strictness was asked for. */
  readonly strictErrors: readonly string[]
}

/** The media type of a body, which must be one of those. Throws UnsupportedMediaType. */
export function inputMediaType(contentType: string | undefined, accepted: readonly MediaType[]): MediaType {
  if (!contentType || contentType === 'application/json') return 'application/json'
  const type = parseMediaType(contentType)?.type
  const found = accepted.find((one) => one === type)
  if (found === undefined) throw unsupportedMediaType(accepted)
  return found
}

/** Decodes an object of the kind; throws BadRequest in upstream's words (handlers/rest.go, transformDecodeError). */
export function decodeObject(
  body: RequestBody,
  mediaType: MediaType,
  definition: ResourceDefinition,
  strict: boolean,
): DecodedObject {
  if (body.type === 'object') {
    if (!isObject(body.object)) throw badRequest('the object provided is no object')
    const object = jsonClone(body.object) as unknown as Draft<KubeObject>
    return { object: complete(object, definition), strictErrors: [] }
  }
  if (mediaType !== 'application/json') throw unsupportedMediaType(['application/json'])
  const text = Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength).toString('utf8')
  let object: unknown
  try {
    object = JSON.parse(text)
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${definition.kind}): ${(error as Error).message} (${summary(text)})`)
  }
  if (!isObject(object)) throw badRequest(`the object provided is unrecognized (must be of type ${definition.kind}) (${summary(text)})`)
  void strict
  return { object: complete(object as unknown as Draft<KubeObject>, definition), strictErrors: [] }
}

/** A body without kind or apiVersion is taken to be of the path's kind. */
function complete(object: Draft<KubeObject>, definition: ResourceDefinition): Draft<KubeObject> {
  object.kind ||= definition.kind
  object.apiVersion ||= apiVersionOf(definition)
  object.metadata ??= {}
  return object
}

function summary(text: string): string {
  if (text === '') return '<empty>'
  const shown = text.startsWith('{') ? text : Buffer.from(text).toString('hex')
  return shown.length > 30 ? `${shown.slice(0, 30)} ...` : shown
}

/** Decodes options such as DeleteOptions, which every group takes. */
export function decodeOptions(
  body: RequestBody,
  mediaType: MediaType,
  kind: string,
): Readonly<Record<string, unknown>> {
  let options: unknown
  if (body.type === 'object') options = body.object
  else {
    if (mediaType !== 'application/json') throw unsupportedMediaType(['application/json'])
    try {
      options = JSON.parse(Buffer.from(body.bytes).toString('utf8'))
    } catch (error) {
      throw badRequest((error as Error).message)
    }
  }
  if (!isObject(options)) throw badRequest(`decoded object cannot be converted to ${kind}`)
  return options
}
