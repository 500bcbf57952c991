import { schemaOfKind } from '../../api/schema/facts.ts'
import { encodeProtobufMessage } from '../../machinery/codec/protobuf/envelope.ts'
import { apiVersionOf, parseApiVersion, type KubeObject } from '../../machinery/meta/object.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { ListAnswer } from '../answer.ts'
import type { StoredObject } from '../cache/stored-object.ts'

const prefix = Buffer.from('k8s\0', 'latin1')
const chunkBytes = 256 * 1024

/** Any object of a built-in kind, enveloped; undefined when protobuf does not know its kind. */
export function encodeMade(object: object): Uint8Array | undefined {
  const { kind = '', apiVersion = '' } = object as Partial<KubeObject>
  const { group, version } = parseApiVersion(apiVersion)
  const schema = kind === 'Table' ? undefined : schemaOfKind(group, version, kind)
  if (schema === undefined) return undefined
  return envelope(kind, apiVersion, encodeProtobufMessage(object as Record<string, unknown>, schema))
}

const messageKey = Symbol('protobuf message')

/** An object of the schema, enveloped; its message is made once. */
export function encodeStored(stored: StoredObject, schema: Schema): Uint8Array {
  const { kind, apiVersion } = stored.object
  return envelope(kind, apiVersion, messageOf(stored, schema))
}

function messageOf(stored: StoredObject, schema: Schema): Uint8Array {
  return stored.rendition(messageKey, () =>
    encodeProtobufMessage(stored.object as unknown as Record<string, unknown>, schema),
  )
}

/** The prefix and a runtime.Unknown around a message: typeMeta 1, raw 2, contentEncoding 3, contentType 4. */
function envelope(kind: string, apiVersion: string, raw: Uint8Array): Uint8Array {
  const head = envelopeHead(kind, apiVersion, raw.byteLength)
  return Buffer.concat([head, raw, emptyTail])
}

/** contentEncoding and contentType, which upstream writes though they are empty. */
const emptyTail = Buffer.from([0x1a, 0x00, 0x22, 0x00])

function envelopeHead(kind: string, apiVersion: string, rawBytes: number): Buffer {
  const version = Buffer.from(apiVersion)
  const name = Buffer.from(kind)
  const typeMeta = Buffer.concat([field(0x0a, version.byteLength), version, field(0x12, name.byteLength), name])
  return Buffer.concat([prefix, field(0x0a, typeMeta.byteLength), typeMeta, field(0x12, rawBytes)])
}

/** The tag of a length-delimited field and its length. */
function field(tag: number, length: number): Buffer {
  const bytes = [tag]
  let rest = length
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

const listMeta = schemaOfKind('', 'v1', 'PodList')!.properties!.get('metadata')!.schema

/** A list, from the kept messages of its items, in chunks. Others have their turn while messages are made. */
export async function encodeProtobufList(answer: ListAnswer): Promise<Generator<Uint8Array>> {
  const { definition, items } = answer
  let bytes = 0
  for (const item of items) {
    if (item.kept(messageKey) !== undefined) continue
    bytes += messageOf(item, definition.schema).byteLength
    if (bytes < chunkBytes) continue
    await new Promise(setImmediate)
    bytes = 0
  }
  return protobufChunks(answer)
}

function* protobufChunks(answer: ListAnswer): Generator<Uint8Array> {
  const { definition, items } = answer
  const { schema } = definition
  const metadata = Buffer.from(encodeProtobufMessage(answer.metadata as unknown as Record<string, unknown>, listMeta))
  const metadataHead = field(0x0a, metadata.byteLength)
  let length = metadataHead.byteLength + metadata.byteLength
  const heads: Buffer[] = []
  for (const item of items) {
    const { byteLength } = messageOf(item, schema)
    const head = field(0x12, byteLength)
    heads.push(head)
    length += head.byteLength + byteLength
  }
  let parts: Uint8Array[] = [
    envelopeHead(definition.listKind, apiVersionOf(definition), length),
    metadataHead,
    metadata,
  ]
  let bytes = 0
  for (const [index, item] of items.entries()) {
    const message = messageOf(item, schema)
    parts.push(heads[index]!, message)
    bytes += message.byteLength
    if (bytes < chunkBytes) continue
    yield Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  parts.push(emptyTail)
  yield Buffer.concat(parts)
}
