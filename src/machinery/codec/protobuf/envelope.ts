import { apiVersionOf, parseApiVersion, type GroupVersionKind } from '../../meta/object.ts'
import { planOf, type StructPlan } from '../../schema/plan.ts'
import type { Schema } from '../../schema/schema.ts'
import { DecodeError } from '../decode-error.ts'
import { decodeStruct } from './decode-message.ts'
import { encodeStruct } from './encode-message.ts'
import { WireReader, wireTypes, wrongWireType } from './reader.ts'
import { BackwardWriter } from './writer.ts'

/** `application/vnd.kubernetes.protobuf`: the prefix `k8s\0`, then a runtime.Unknown that holds the object's message. */
const prefix = Buffer.from([0x6b, 0x38, 0x73, 0x00])
const tags = { typeMeta: 0x0a, raw: 0x12, contentEncoding: 0x1a, contentType: 0x22 } as const

const envelopeFields: Readonly<Record<number, string>> = {
  1: 'TypeMeta',
  2: 'Raw',
  3: 'ContentEncoding',
  4: 'ContentType',
}

type Members = Readonly<Record<string, unknown>>

const writer = new BackwardWriter()

/** Writes an object in normal form (see schema/normalize.ts), byte for byte as upstream does. */
export function encodeProtobuf(object: Members, schema: Schema): Buffer {
  return written(() => {
    writer.string('')
    writer.varint(tags.contentType)
    writer.string('')
    writer.varint(tags.contentEncoding)
    const beforeRaw = writer.length
    encodeStruct(writer, planOf(schema) as StructPlan, object)
    writer.varint(writer.length - beforeRaw)
    writer.varint(tags.raw)
    const beforeType = writer.length
    writer.string(text(object.kind))
    writer.varint(0x12)
    writer.string(text(object.apiVersion))
    writer.varint(0x0a)
    writer.varint(writer.length - beforeType)
    writer.varint(tags.typeMeta)
    writer.bytes(prefix)
  })
}

/** The object's message alone, without prefix and envelope. */
export function encodeProtobufMessage(object: Members, schema: Schema): Buffer {
  return written(() => encodeStruct(writer, planOf(schema) as StructPlan, object))
}

function written(write: () => void): Buffer {
  try {
    write()
    return writer.take()
  } catch (error) {
    writer.clear()
    throw error
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export interface ProtobufEnvelope {
  /** As the envelope says; parts may be empty. */
  readonly gvk: GroupVersionKind
  readonly raw: Buffer
  readonly contentType: string
}

export function isProtobuf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && prefix.equals(bytes.subarray(0, 4))
}

/** Opens the envelope; throws DecodeError with the words of runtime/serializer/protobuf. */
export function openProtobuf(bytes: Buffer): ProtobufEnvelope {
  if (bytes.length === 0) throw new DecodeError('empty data')
  if (!isProtobuf(bytes)) {
    const expected = `[${[...prefix].join(' ')}]`
    throw new DecodeError(`provided data does not appear to be a protobuf message, expected prefix ${expected}`)
  }
  if (bytes.length === prefix.length) throw new DecodeError('empty body')
  const reader = new WireReader(bytes, prefix.length)
  let raw = Buffer.alloc(0)
  let contentType = ''
  let typeMeta = { apiVersion: '', kind: '' }
  while (!reader.done) {
    const tag = reader.unsigned()
    const wireType = tag & 7
    const name = wireType === wireTypes.endGroup ? undefined : envelopeFields[Math.floor(tag / 8)]
    if (name !== undefined && wireType !== wireTypes.bytes) throw wrongWireType(wireType, name)
    if (name === 'TypeMeta') typeMeta = readTypeMeta(reader)
    else if (name === 'Raw') raw = reader.slice() as Buffer<ArrayBuffer>
    else if (name === 'ContentType') contentType = reader.string()
    else if (name === 'ContentEncoding') reader.skip(wireType)
    else reader.skipField(tag, 'Unknown')
  }
  return { gvk: { ...parseApiVersion(typeMeta.apiVersion), kind: typeMeta.kind }, raw, contentType }
}

function readTypeMeta(reader: WireReader): { apiVersion: string; kind: string } {
  const end = reader.span()
  const result = { apiVersion: '', kind: '' }
  while (reader.at < end) {
    const tag = reader.unsigned()
    if (tag === 0x0a) result.apiVersion = reader.string()
    else if (tag === 0x12) result.kind = reader.string()
    else reader.skip(tag & 7)
  }
  return result
}

/** Reads a message of the kind into normal form, with its apiVersion and kind. */
export function decodeProtobufMessage(raw: Buffer, gvk: GroupVersionKind, schema: Schema): Record<string, unknown> {
  const plan = planOf(schema) as StructPlan
  return decodeStruct(raw, plan, { kind: gvk.kind, apiVersion: apiVersionOf(gvk) })
}
