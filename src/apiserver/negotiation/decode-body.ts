import { schemaOfKind } from '../../api/schema/facts.ts'
import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { decodeParsed, decodeValue, parseJson, type Decoded } from '../../machinery/codec/json/decode.ts'
import {
  decodeProtobufMessage,
  openProtobuf,
  type ProtobufEnvelope,
} from '../../machinery/codec/protobuf/envelope.ts'
import { badRequest, unsupportedMediaType } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { isObject, jsonClone, type Draft } from '../../machinery/json.ts'
import { apiVersionOf, parseApiVersion, type KubeObject } from '../../machinery/meta/object.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { RequestBody } from '../request.ts'
import { parseMediaType, type MediaType } from './media-type.ts'

/** The kind that a body is to be of: a resource's, or a subresource's (Scale, Binding, …). */
export interface BodyKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: Schema
  /** Built-in kinds are read as Go's types are; custom resources keep what they do not know. */
  readonly protobuf: boolean
}

export interface DecodedObject {
  readonly object: Draft<KubeObject>
  /** Unknown and duplicate fields, in upstream's words and order. */
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

/** Tells whether a kind is served: the words of the refusal depend on it. */
export type KnownKind = (apiVersion: string, kind: string) => boolean

/** Decodes an object of the kind; throws BadRequest in upstream's words (handlers/rest.go, transformDecodeError). */
export function decodeObject(
  body: RequestBody,
  mediaType: MediaType,
  as: BodyKind,
  known: KnownKind,
): DecodedObject {
  if (body.type === 'object') {
    if (!isObject(body.object)) throw badRequest('the object provided is no object')
    return decodeAs(body.object, as, known, (object) =>
      as.protobuf ? decodeValue(object, as.schema) : { value: jsonClone(object), strictErrors: [] },
    )
  }
  if (mediaType === 'application/vnd.kubernetes.protobuf') return decodeMessage(body.bytes, as, known)
  const text = textOf(body.bytes)
  let parsed: unknown
  try {
    parsed = parseJson(text)
    if (!isObject(parsed)) throw new DecodeError(`json: cannot unmarshal ${typeof parsed} into Go value`)
  } catch (error) {
    throw unrecognized(error, as, text)
  }
  return decodeAs(parsed, as, known, (object) =>
    as.protobuf ? decodeParsed(text, object, as.schema) : { value: object, strictErrors: [] },
  )
}

function decodeMessage(bytes: Uint8Array, as: BodyKind, known: KnownKind): DecodedObject {
  let opened: ProtobufEnvelope
  try {
    opened = openProtobuf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(
      `the object provided is unrecognized (must be of type ${as.kind}): ${error.message} (${summary(Buffer.from(bytes).toString('latin1'))})`,
    )
  }
  const { gvk, raw } = opened
  const apiVersion = gvk.version === '' ? undefined : apiVersionOf(gvk)
  return decodeAs({ kind: gvk.kind, apiVersion }, as, known, () => ({
    value: decodeProtobufMessage(raw, as, as.schema),
    strictErrors: [],
  }))
}

/** Reads a value that is not text any more as the kind, e.g. a patched object. Throws DecodeError. */
export function decodeMade(value: unknown, as: BodyKind): Decoded {
  return as.protobuf ? decodeValue(value, as.schema) : { value, strictErrors: [] }
}

function decodeAs(
  object: Record<string, unknown>,
  as: BodyKind,
  known: KnownKind,
  decode: (object: Record<string, unknown>) => Decoded,
): DecodedObject {
  // What a body leaves out is taken from the path.
  const kind = typeof object['kind'] === 'string' && object['kind'] !== '' ? object['kind'] : as.kind
  const apiVersion =
    typeof object['apiVersion'] === 'string' && object['apiVersion'] !== '' ? object['apiVersion'] : apiVersionOf(as)
  const cannot = (why: string) => {
    const { version } = parseApiVersion(apiVersion)
    return badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${as.kind}: ${why}`)
  }
  if (kind !== as.kind || apiVersion !== apiVersionOf(as)) {
    if (as.protobuf && !known(apiVersion, kind)) {
      throw cannot(
        `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
      )
    }
    if (kind !== as.kind) throw cannot(`converting (${goType(apiVersion, kind)}) to (${internalType(as)}): unknown conversion`)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(as)})`,
    )
  }
  let decoded: Decoded
  try {
    decoded = decode(object)
  } catch (error) {
    if (error instanceof DecodeError) throw cannot(error.message)
    throw error
  }
  const made = decoded.value as Draft<KubeObject>
  made.kind = kind
  made.apiVersion = apiVersion
  made.metadata ??= {}
  return { object: made, strictErrors: decoded.strictErrors }
}

function unrecognized(error: unknown, as: BodyKind, text: string): unknown {
  if (!(error instanceof DecodeError)) return error
  return badRequest(
    `the object provided is unrecognized (must be of type ${as.kind}): couldn't get version/kind; json parse error: ${error.message} (${summary(text)})`,
  )
}

/** `v1.Pod` */
function goType(apiVersion: string, kind: string): string {
  return `${parseApiVersion(apiVersion).version}.${kind}`
}

/** `core.Pod`: the type that all versions of a kind are converted to. */
function internalType({ group, kind }: BodyKind): string {
  return `${group === '' ? 'core' : group.split('.')[0]}.${kind}`
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
    try {
      options = mediaType === 'application/vnd.kubernetes.protobuf' ? openOptions(body.bytes, kind) : parseJson(textOf(body.bytes))
    } catch (error) {
      if (error instanceof DecodeError) throw badRequest(error.message, { cause: error })
      throw error
    }
  }
  if (!isObject(options)) throw badRequest(`decoded object cannot be converted to ${kind}`)
  return options
}

function openOptions(bytes: Uint8Array, kind: string): unknown {
  const { gvk, raw } = openProtobuf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (gvk.kind !== '' && gvk.kind !== kind) throw badRequest(`decoded object cannot be converted to ${kind}`)
  return decodeProtobufMessage(raw, { group: 'meta.k8s.io', version: 'v1', kind }, schemaOfKind('', 'v1', kind)!)
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function summary(text: string): string {
  if (text === '') return '<empty>'
  const shown = text.startsWith('{') ? text : Buffer.from(text).toString('hex')
  return shown.length > 30 ? `${shown.slice(0, 30)} ...` : shown
}
