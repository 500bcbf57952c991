const crlf = '\r\n'

/** Bytes that go to many readers alike; their form as a chunk of HTTP/1.1 (RFC 9112, 7.1) is made once as well. */
export class SharedBytes {
  readonly bytes: Uint8Array
  #chunk: Uint8Array | undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get chunk(): Uint8Array {
    if (this.#chunk !== undefined) return this.#chunk
    const { bytes } = this
    const head = `${bytes.byteLength.toString(16)}${crlf}`
    const chunk = Buffer.allocUnsafe(head.length + bytes.byteLength + crlf.length)
    chunk.write(head, 'latin1')
    chunk.set(bytes, head.length)
    chunk.write(crlf, head.length + bytes.byteLength, 'latin1')
    return (this.#chunk = chunk)
  }
}

const keptBatches = 8

/**
 * Joins frames to the bytes of one write. Watches of one collection are told of the same frames in the same batches: who
 * asks for a batch that was just made gets the same bytes.
 */
export class SharedBatches {
  readonly #kept: { readonly frames: readonly Uint8Array[]; readonly bytes: SharedBytes }[] = []

  join(frames: readonly Uint8Array[]): SharedBytes {
    const found = this.#kept.find((batch) => sameFrames(batch.frames, frames))
    if (found !== undefined) return found.bytes
    const bytes = new SharedBytes(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
    this.#kept.unshift({ frames, bytes })
    if (this.#kept.length > keptBatches) this.#kept.pop()
    return bytes
  }
}

function sameFrames(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((frame, index) => frame === b[index])
}
