import { schemaOfKind } from '../../api/schema/facts.ts'
import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { decodeParsed, decodeValue, parseJson, type Decoded } from '../../machinery/codec/json/decode.ts'
import { decodeProtobufMessage, openProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import { gvkOf, summarizeBody } from '../../machinery/codec/type-meta.ts'
import { type ApiError, badRequest, unsupportedMediaType } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { isObject, jsonClone, type Draft } from '../../machinery/json.ts'
import { apiVersionOf, parseApiVersion, type GroupVersionKind, type KubeObject } from '../../machinery/meta/object.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { RequestBody } from '../request.ts'
import { parseMediaType, type MediaType } from './media-type.ts'

/** The kind that a body is to be of: a resource's, or a subresource's (Scale, Binding, …). */
export interface BodyKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: Schema
  /** Built-in kinds are read as Go's types are; custom resources keep what their schema lets them. */
  readonly protobuf: boolean
  readonly rules?: { readonly unreadable?: string; prune?(draft: Record<string, unknown>): string[] }
}

export interface DecodedObject {
  readonly object: Draft<KubeObject>
  /** Unknown and duplicate fields, in upstream's words and order. */
  readonly strictErrors: readonly string[]
  /** Why it is not taken, once these are told. */
  readonly refused?: ApiError
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
export async function decodeObject(
  body: RequestBody,
  mediaType: MediaType,
  as: BodyKind,
  known: KnownKind,
): Promise<DecodedObject> {
  if (body.type === 'object') {
    if (!isObject(body.object)) throw badRequest('the object provided is no object')
    const value = body.object
    return decodeAs(gvkOf(value, '', as), as, known, () => decodeMade(value, as))
  }
  const { bytes } = body
  try {
    if (mediaType === 'application/vnd.kubernetes.protobuf') return decodeMessage(bytes, as, known)
    if (mediaType === 'application/yaml') return await decodeYaml(bytes, as, known)
    const text = textOf(bytes)
    const parsed = parseTyped(text)
    return decodeAs(gvkOf(parsed, text, defaultsOf(as)), as, known, () =>
      as.protobuf ? decodeParsed(text, parsed, as.schema) : decodeCustom(parsed, as),
    )
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const why = `${error.message} (${summarizeBody(bytes)})`
    throw badRequest(`the object provided is unrecognized (must be of type ${as.kind}): ${why}`, { cause: error })
  }
}

/** Custom resources say themselves what they are. */
function defaultsOf(as: BodyKind): GroupVersionKind {
  return as.protobuf ? as : { group: '', version: '', kind: '' }
}

function parseTyped(text: string): unknown {
  return typed(() => parseJson(text))
}

function typed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new DecodeError(`couldn't get version/kind; json parse error: ${error.message}`, { cause: error })
  }
}

function decodeMessage(bytes: Uint8Array, as: BodyKind, known: KnownKind): DecodedObject {
  const { gvk: stated, raw } = openProtobuf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  // Here an apiVersion that cannot be read counts as none.
  const isReadable = stated.version !== '' && !stated.version.includes('/')
  const gvk = gvkOf({ kind: stated.kind, apiVersion: isReadable ? apiVersionOf(stated) : '' }, '', as)
  return decodeAs(gvk, as, known, () => ({ value: decodeProtobufMessage(raw, gvk, as.schema), strictErrors: [] }))
}

async function decodeYaml(bytes: Uint8Array, as: BodyKind, known: KnownKind): Promise<DecodedObject> {
  const { duplicatesMessage, parseYaml } = await import('../../machinery/codec/yaml/parse-yaml.ts')
  const { checkJsonNesting } = await import('../../machinery/codec/yaml/yaml-nesting.ts')
  const { yamlText } = await import('../../machinery/codec/yaml/yaml-fault.ts')
  const text = yamlText(bytes)
  const { value, duplicates } = parseYaml(text)
  typed(() => checkJsonNesting(text, value))
  const decoded = decodeAs(gvkOf(value, text, defaultsOf(as)), as, known, () => decodeMade(value, as))
  if (duplicates.length === 0) return decoded
  return { ...decoded, strictErrors: [duplicatesMessage(duplicates), ...decoded.strictErrors] }
}

/** Reads a value that is not text any more as the kind, e.g. a patched object. Throws DecodeError. */
export function decodeMade(value: unknown, as: BodyKind, written?: () => string): Decoded {
  return as.protobuf ? decodeValue(value, as.schema, written) : decodeCustom(jsonClone(value), as)
}

const objectMeta = schemaOfKind('', 'v1', 'ConfigMap')!.properties!.get('metadata')!.schema

/**
 * A custom resource: metadata is read as Go's type is, the rest is pruned to its schema
 * (apiextensions pkg/apiserver/customresource_handler.go, schemaCoercingDecoder). The value is the caller's to give away.
 */
function decodeCustom(value: unknown, as: BodyKind): Decoded {
  const object = value as Record<string, unknown>
  const strictErrors: string[] = []
  if (object['metadata'] !== undefined) {
    const metadata = decodeValue(object['metadata'], objectMeta)
    object['metadata'] = metadata.value
    strictErrors.push(...metadata.strictErrors.map((text) => text.replace(/^(\w+ field )"/, '$1"metadata.')))
  }
  const unknown = prune(object, as)
  strictErrors.push(...unknown.map((path) => `unknown field ${goQuote(path)}`))
  return { value: object, strictErrors }
}

/** By the schema of the version that the object says to be of; what is of another group or kind is left as it is. */
function prune(object: Record<string, unknown>, as: BodyKind): string[] {
  const apiVersion = typeof object['apiVersion'] === 'string' ? object['apiVersion'] : ''
  const kind = object['kind'] ?? as.kind
  const { group, version } = apiVersion === '' ? as : parseApiVersion(apiVersion)
  if (group !== as.group || kind !== as.kind) return []
  return version === as.version ? (as.rules?.prune?.(object) ?? []) : pruneAll(object)
}

/** Without a schema nothing is known but what every object has. */
function pruneAll(object: Record<string, unknown>): string[] {
  const unknown = Object.keys(object).filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name))
  for (const name of unknown) delete object[name]
  return unknown.sort()
}

function decodeAs(gvk: GroupVersionKind, as: BodyKind, known: KnownKind, decode: () => Decoded): DecodedObject {
  const apiVersion = apiVersionOf(gvk)
  const cannot = (why: string) =>
    badRequest(
      as.rules?.unreadable ??
        `${gvk.kind} in version ${goQuote(gvk.version)} cannot be handled as a ${as.kind}: ${why}`,
    )
  if (gvk.kind !== as.kind || apiVersion !== apiVersionOf(as)) {
    if (as.protobuf && !known(apiVersion, gvk.kind)) {
      const what = `no kind ${goQuote(gvk.kind)} is registered for version ${goQuote(apiVersion)}`
      throw cannot(`${what} in scheme "pkg/api/legacyscheme/scheme.go:30"`)
    }
    // Of custom resources their validation tells.
    if (gvk.kind !== as.kind && as.protobuf) {
      throw cannot(`converting (${gvk.version}.${gvk.kind}) to (${internalType(as)}): unknown conversion`)
    }
  }
  const refused =
    apiVersion === apiVersionOf(as)
      ? undefined
      : badRequest(
          `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(as)})`,
        )
  if (refused && (as.protobuf || known(apiVersion, gvk.kind))) throw refused
  let decoded: Decoded
  try {
    decoded = decode()
  } catch (error) {
    if (error instanceof DecodeError) throw cannot(error.message)
    throw error
  }
  const object = decoded.value as Draft<KubeObject>
  object.kind = gvk.kind
  object.apiVersion = apiVersion
  object.metadata ??= {}
  return { object, strictErrors: decoded.strictErrors, ...(refused && { refused }) }
}

/** `core.Pod`: the type that all versions of a kind are converted to. */
export function internalType({ group, kind }: BodyKind): string {
  return `${group === '' ? 'core' : group.split('.')[0]}.${kind}`
}

/** Decodes options such as DeleteOptions, which every group takes. */
export async function decodeOptions(
  body: RequestBody,
  mediaType: MediaType,
  kind: string,
): Promise<Readonly<Record<string, unknown>>> {
  const schema = schemaOfKind('', 'v1', kind)!
  try {
    if (body.type === 'object') return optionsOf(body.object, '', kind, () => decodeValue(body.object, schema))
    if (mediaType === 'application/vnd.kubernetes.protobuf') return openOptions(body.bytes, kind)
    const text = textOf(body.bytes)
    if (mediaType === 'application/yaml') {
      const { value } = (await import('../../machinery/codec/yaml/parse-yaml.ts')).parseYaml(text)
      const { checkJsonNesting } = await import('../../machinery/codec/yaml/yaml-nesting.ts')
      typed(() => checkJsonNesting(text, value))
      return optionsOf(value, text, kind, () => decodeValue(value, schema))
    }
    const parsed = parseTyped(text)
    return optionsOf(parsed, text, kind, () => decodeParsed(text, parsed, schema))
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message, { cause: error })
    throw error
  }
}

/** Options are taken in any version; whatever else is none that this scheme knows. */
function optionsOf(
  value: unknown,
  text: string,
  kind: string,
  decode: () => Decoded,
): Readonly<Record<string, unknown>> {
  const gvk = gvkOf(value, text, { group: '', version: 'v1', kind })
  if (gvk.kind !== kind) {
    const what = `no kind ${goQuote(gvk.kind)} is registered for version ${goQuote(apiVersionOf(gvk))}`
    throw new DecodeError(`${what} in scheme "pkg/runtime/scheme.go:111"`)
  }
  return (decode().value ?? {}) as Readonly<Record<string, unknown>>
}

function openOptions(bytes: Uint8Array, kind: string): Readonly<Record<string, unknown>> {
  const { gvk, raw } = openProtobuf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (gvk.kind !== '' && gvk.kind !== kind) throw badRequest(`decoded object cannot be converted to ${kind}`)
  return decodeProtobufMessage(raw, { group: 'meta.k8s.io', version: 'v1', kind }, schemaOfKind('', 'v1', kind)!)
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
