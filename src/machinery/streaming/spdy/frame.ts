/** SPDY/3.1 frames as bytes (draft-mbelshe-httpbis-spdy-00, section 2.2), header blocks left as they are. */
export type Frame =
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly bytes: Buffer }
  | { readonly type: 'synStream'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'synReply'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'headers'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rstStream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goAway'; readonly lastStreamId: number; readonly status: number }
  /** Settings and window updates: peers here do no flow control of their own. */
  | { readonly type: 'ignored' }

export const rstStatus = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const

const controlTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const
const finFlag = 1
const maxFrameBytes = 2 ** 24 - 1

export function dataFrame(streamId: number, fin: boolean, bytes: Uint8Array): Buffer {
  if (bytes.length > maxFrameBytes) throw new Error('SPDY data frame is over 16 MiB')
  const frame = Buffer.allocUnsafe(8 + bytes.length)
  frame.writeUInt32BE(streamId, 0)
  frame.writeUInt32BE((fin ? finFlag : 0) * 2 ** 24 + bytes.length, 4)
  frame.set(bytes, 8)
  return frame
}

function control(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt32BE(flags * 2 ** 24 + payload.length, 4)
  return Buffer.concat([head, payload])
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4))
  return bytes
}

export const synStreamFrame = (streamId: number, fin: boolean, block: Buffer): Buffer =>
  control(controlTypes.synStream, fin ? finFlag : 0, Buffer.concat([words(streamId, 0), Buffer.alloc(2), block]))
export const synReplyFrame = (streamId: number, fin: boolean, block: Buffer): Buffer =>
  control(controlTypes.synReply, fin ? finFlag : 0, Buffer.concat([words(streamId), block]))
export const rstStreamFrame = (streamId: number, status: number): Buffer =>
  control(controlTypes.rstStream, 0, words(streamId, status))
export const pingFrame = (id: number): Buffer => control(controlTypes.ping, 0, words(id))
export const goAwayFrame = (lastStreamId: number): Buffer => control(controlTypes.goAway, 0, words(lastStreamId, 0))

/** Cuts a byte stream into frames. */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0)

  /** The frames that these bytes complete. Throws on what is no SPDY/3 frame. */
  push(bytes: Buffer): Frame[] {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes])
    const frames: Frame[] = []
    while (this.#buffer.length >= 8) {
      const end = 8 + (this.#buffer.readUInt32BE(4) & 0xffffff)
      if (this.#buffer.length < end) break
      frames.push(decode(this.#buffer.subarray(0, end)))
      this.#buffer = this.#buffer.subarray(end)
    }
    return frames
  }
}

function decode(frame: Buffer): Frame {
  const first = frame.readUInt32BE(0)
  const fin = (frame[4]! & finFlag) !== 0
  const payload = frame.subarray(8)
  if (first < 0x80000000) return { type: 'data', streamId: first, fin, bytes: payload }
  if (first >>> 16 !== 0x8003) throw new Error('not a SPDY/3 frame')
  const id = () => {
    if (payload.length < 4) throw new Error('SPDY control frame is cut short')
    return payload.readUInt32BE(0) & 0x7fffffff
  }
  switch (first & 0xffff) {
    case controlTypes.synStream:
      return { type: 'synStream', streamId: id(), fin, block: payload.subarray(10) }
    case controlTypes.synReply:
      return { type: 'synReply', streamId: id(), fin, block: payload.subarray(4) }
    case controlTypes.headers:
      return { type: 'headers', streamId: id(), fin, block: payload.subarray(4) }
    case controlTypes.rstStream:
      return { type: 'rstStream', streamId: id(), status: payload.length >= 8 ? payload.readUInt32BE(4) : 0 }
    case controlTypes.ping:
      id()
      return { type: 'ping', id: payload.readUInt32BE(0) }
    case controlTypes.goAway:
      return { type: 'goAway', lastStreamId: id(), status: payload.length >= 8 ? payload.readUInt32BE(4) : 0 }
    default:
      return { type: 'ignored' }
  }
}
