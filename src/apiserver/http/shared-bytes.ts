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
