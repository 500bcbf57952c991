/**
 * Writes protobuf from the end to the start, as upstream's generated code does, so that a message's length is known
 * when it is written. One writer may be used again and again; `take` hands out a copy.
 */
export class BackwardWriter {
  #buffer = Buffer.allocUnsafe(16 * 1024)
  /** The first byte that is written. */
  #at = this.#buffer.length

  /** How many bytes are written; the difference of two marks is a length. */
  get length(): number {
    return this.#buffer.length - this.#at
  }

  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(this.#at))
    this.#at = this.#buffer.length
    // What a large object needed is not kept for ever.
    if (this.#buffer.length > 4 * 1024 * 1024) {
      this.#buffer = Buffer.allocUnsafe(16 * 1024)
      this.#at = this.#buffer.length
    }
    return bytes
  }

  /** Forgets what is written, after an error. */
  clear(): void {
    this.#at = this.#buffer.length
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#at -= bytes.length
    this.#buffer.set(bytes, this.#at)
  }

  /** The text's bytes and, before them, their count. */
  string(text: string): void {
    const count = text.length
    this.#reserve(count * 3 + 5)
    if (count < 48) {
      const start = this.#at - count
      let at = 0
      for (; at < count; at++) {
        const code = text.charCodeAt(at)
        if (code > 127) break
        this.#buffer[start + at] = code
      }
      if (at === count) {
        this.#at = start
        this.varint(count)
        return
      }
    }
    const size = Buffer.byteLength(text)
    this.#at -= size
    this.#buffer.write(text, this.#at, size)
    this.varint(size)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#at -= 8
    this.#buffer.writeDoubleLE(value, this.#at)
  }

  /** Negative numbers take ten bytes, as int32 and int64 do. */
  varint(value: number): void {
    this.#reserve(10)
    if (value >= 0 && value < 128) {
      this.#buffer[--this.#at] = value
      return
    }
    if (value >= 0 && value < 16384) {
      this.#buffer[--this.#at] = value >>> 7
      this.#buffer[--this.#at] = (value & 127) | 128
      return
    }
    let high = Math.floor(value / 0x100000000) >>> 0
    let low = value >>> 0
    const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
    const size = Math.ceil(bits / 7)
    this.#at -= size
    for (let at = this.#at; at < this.#at + size - 1; at++) {
      this.#buffer[at] = (low & 127) | 128
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#buffer[this.#at + size - 1] = low
  }

  #reserve(size: number): void {
    if (this.#at >= size) return
    const used = this.length
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + size))
    this.#buffer.copy(grown, grown.length - used, this.#at)
    this.#at = grown.length - used
    this.#buffer = grown
  }
}
