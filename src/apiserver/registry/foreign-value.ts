import { schemaOfKind } from '../../api/schema/facts.ts'
import { decodeProtobufMessage, isProtobuf, openProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { encodeObject } from '../cache/stored-object.ts'

/**
 * A stored value as JSON: kube-apiserver writes built-in kinds as protobuf unless told otherwise, and a store may have been
 * its own before it was ours. Throws DecodeError for what cannot be read.
 */
export function plainJson(value: Uint8Array): Uint8Array {
  if (!isProtobuf(value)) return value
  const { gvk, raw } = openProtobuf(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
  const schema = schemaOfKind(gvk.group, gvk.version, gvk.kind)
  if (schema === undefined) throw new Error(`the store holds an object of an unknown kind: ${gvk.kind}`)
  return encodeObject(decodeProtobufMessage(raw, gvk, schema) as unknown as KubeObject)
}
