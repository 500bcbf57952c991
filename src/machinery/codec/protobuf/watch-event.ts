import { WireReader } from './reader.ts'
import { BackwardWriter } from './writer.ts'

/**
 * Events of `application/vnd.kubernetes.protobuf;stream=watch`: each a frame of four length bytes (big endian) and a
 * metav1.WatchEvent, which holds the object with its own prefix and envelope (streaming.go, protobuf.NewRawSerializer).
 */
const writer = new BackwardWriter()

/** `object`: what encodeProtobuf made of it; shared by all watchers. */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  const before = writer.length
  writer.bytes(object)
  writer.varint(object.length)
  writer.varint(0x0a)
  writer.varint(writer.length - before)
  writer.varint(0x12)
  writer.string(type)
  writer.varint(0x0a)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(writer.length - before)
  writer.bytes(size)
  return writer.take()
}

/** The message of a frame, without its length. */
export function decodeWatchEvent(message: Buffer): { readonly type: string; readonly object: Buffer } {
  const reader = new WireReader(message)
  let type = ''
  let object = Buffer.alloc(0)
  while (!reader.done) {
    const tag = reader.unsigned()
    if (tag === 0x0a) type = reader.string()
    else if (tag === 0x12) {
      const end = reader.span()
      while (reader.at < end) {
        const inner = reader.unsigned()
        if (inner === 0x0a) object = reader.slice() as Buffer<ArrayBuffer>
        else reader.skip(inner & 7)
      }
    } else reader.skip(tag & 7)
  }
  return { type, object }
}
