import { goJsonText } from './json/go-json.ts'
import { gvkOf, missingKind, missingVersion } from './type-meta.ts'
import { DecodeError } from './decode-error.ts'
import { decodeParsed, decodeValue, parseJson } from './json/decode.ts'
import { decodeProtobufMessage, encodeProtobuf, openProtobuf } from './protobuf/envelope.ts'
import { duplicatesMessage, parseYaml } from './yaml/parse-yaml.ts'
import { checkJsonNesting } from './yaml/yaml-nesting.ts'
import { printYaml } from './yaml/print-yaml.ts'
import type { GroupVersionKind } from '../meta/object.ts'
import type { Schema } from '../schema/schema.ts'

export const mediaTypes = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const
export type CodecMediaType = (typeof mediaTypes)[keyof typeof mediaTypes]

/** Finds the schema of a built-in kind; undefined when there is none (src/api/schema/facts.ts schemaOfKind). */
export type SchemaOfKind = (group: string, version: string, kind: string) => Schema | undefined

export interface DecodeOptions {
  readonly schemaOfKind: SchemaOfKind
  /** What the body is when it does not say so itself. */
  readonly defaults?: GroupVersionKind
}

export interface DecodedObject {
  readonly gvk: GroupVersionKind
  /** In normal form, with its apiVersion and kind; the caller's to change. */
  readonly object: Record<string, unknown>
  /** What a strict reader complains of, in upstream's words and order; a lenient one ignores them. */
  readonly strictErrors: readonly string[]
}

/**
 * Reads an object of a built-in kind (runtime/serializer). Throws DecodeError for what cannot be read, and NoSuchKind
 * when the body says to be of a kind that `schemaOfKind` does not know.
 */
export function decodeObject(bytes: Uint8Array, mediaType: CodecMediaType, options: DecodeOptions): DecodedObject {
  if (mediaType === mediaTypes.protobuf) return fromProtobuf(bytes, options)
  const text = textOf(bytes)
  if (mediaType === mediaTypes.json) {
    const parsed = parsedWithTypeMeta(() => parseJson(text))
    const { gvk, schema } = kindOf(parsed, text, options)
    return completed(gvk, decodeParsed(text, parsed, schema))
  }
  const { value, duplicates } = parseYaml(text)
  parsedWithTypeMeta(() => checkJsonNesting(text, value))
  const { gvk, schema } = kindOf(value, text, options)
  const decoded = completed(gvk, decodeValue(value, schema))
  if (duplicates.length === 0) return decoded
  return { ...decoded, strictErrors: [duplicatesMessage(duplicates), ...decoded.strictErrors] }
}

/** The body says that it is of a kind that nobody knows. */
export class NoSuchKind extends DecodeError {
  readonly gvk: GroupVersionKind
  constructor(gvk: GroupVersionKind) {
    const version = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
    super(`no kind ${JSON.stringify(gvk.kind)} is registered for version ${JSON.stringify(version)} in scheme`)
    this.gvk = gvk
  }
}

function fromProtobuf(bytes: Uint8Array, options: DecodeOptions): DecodedObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { gvk: stated, raw } = openProtobuf(buffer)
  const defaults = options.defaults
  const gvk = {
    kind: stated.kind || (defaults?.kind ?? ''),
    ...(stated.version === '' && defaults
      ? { group: defaults.group, version: defaults.version }
      : { group: stated.group, version: stated.version }),
  }
  if (gvk.kind === '') throw missingKind(`runtime.TypeMeta{APIVersion:"", Kind:""}`)
  if (gvk.version === '') throw missingVersion(`runtime.TypeMeta{APIVersion:"", Kind:${JSON.stringify(gvk.kind)}}`)
  const schema = options.schemaOfKind(gvk.group, gvk.version, gvk.kind)
  if (!schema) throw new NoSuchKind(gvk)
  return { gvk, object: decodeProtobufMessage(raw, gvk, schema), strictErrors: [] }
}

function parsedWithTypeMeta(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    if (error instanceof DecodeError) {
      throw new DecodeError(`couldn't get version/kind; json parse error: ${error.message}`)
    }
    throw error
  }
}

function kindOf(value: unknown, text: string, options: DecodeOptions): { gvk: GroupVersionKind; schema: Schema } {
  const gvk = gvkOf(value, text, options.defaults)
  const schema = options.schemaOfKind(gvk.group, gvk.version, gvk.kind)
  if (!schema) throw new NoSuchKind(gvk)
  return { gvk, schema }
}

function completed(
  gvk: GroupVersionKind,
  decoded: { readonly value: unknown; readonly strictErrors: readonly string[] },
): DecodedObject {
  const value = decoded.value as Record<string, unknown>
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
  if (value.kind === gvk.kind && value.apiVersion === apiVersion) {
    return { gvk, object: value, strictErrors: decoded.strictErrors }
  }
  const { kind: _, apiVersion: __, ...rest } = value
  return { gvk, object: { kind: gvk.kind, apiVersion, ...rest }, strictErrors: decoded.strictErrors }
}

function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/**
 * Writes an object; `schema` is that of its kind, undefined for custom resources and other JSON (no protobuf then).
 * Protobuf wants the object in normal form; JSON and YAML write it as it is, JSON in Go's way (`<` as `\u003c`, a line
 * end at the end, two spaces when pretty).
 */
export function encodeObject(
  object: unknown,
  mediaType: CodecMediaType,
  schema: Schema | undefined,
  pretty = false,
): Buffer {
  switch (mediaType) {
    case mediaTypes.json:
      return Buffer.from(goJsonText(object, pretty) + (pretty ? '' : '\n'))
    case mediaTypes.yaml:
      return Buffer.from(printYaml(object))
    case mediaTypes.protobuf: {
      if (!schema) throw new Error('an object without a schema has no protobuf form')
      return encodeProtobuf(object as Record<string, unknown>, schema)
    }
  }
}
