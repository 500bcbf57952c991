import { schemaOfKind } from '../../api/schema/facts.ts'
import {
  decodeProtobufMessage,
  encodeProtobuf,
  isProtobuf,
  openProtobuf,
} from '../../machinery/codec/protobuf/envelope.ts'
import { decodeWatchEvent } from '../../machinery/codec/protobuf/watch-event.ts'

/** An answer as JSON; frames of a watch are a line each. What is no protobuf is text. */
export function tellProtobuf(bytes: Buffer): string {
  if (isProtobuf(bytes)) return tellObject(bytes)
  if (bytes.length < 4 || bytes.readUInt8(0) !== 0) return bytes.toString()
  const lines: string[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const { type, object } = decodeWatchEvent(bytes.subarray(at + 4, end))
    lines.push(`{"type":"${type}","object":${tellObject(object)}}\n`)
    at = end
  }
  return lines.join('')
}

/** Says, too, whether we had written the very same bytes. */
function tellObject(bytes: Buffer): string {
  const { gvk, raw } = openProtobuf(bytes)
  const schema = schemaOfKind(gvk.group, gvk.version, gvk.kind)
  if (schema === undefined) return `${gvk.group}/${gvk.version} ${gvk.kind}`
  const object = decodeProtobufMessage(raw, gvk, schema)
  const isOurs = encodeProtobuf(object, schema).equals(bytes)
  return JSON.stringify({ ...object, ...(!isOurs && { written: 'otherwise' }) })
}
