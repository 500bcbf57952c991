import { DecodeError } from '../decode-error.ts'

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

/** In the words of upstream's generated code; `field` is Go's name of it. */
export function wrongWireType(wireType: number, field: string): DecodeError {
  return new DecodeError(`proto: wrong wireType = ${wireType} for field ${field}`)
}

export function endOfNoGroup(message: string): DecodeError {
  return new DecodeError(`proto: ${message}: wiretype end group for non-group`)
}

/** Reads protobuf; every read is checked against the end of the bytes. Errors are those of upstream's generated code. */
export class WireReader {
  readonly bytes: Buffer
  at: number
  readonly end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  /** A length and the end of the bytes that it covers; the reader stands at their start. */
  span(): number {
    const size = this.unsigned()
    // From here on Go's int is negative, of 32 bits or of 64.
    if (size >= 2 ** 63) throw new DecodeError('proto: negative length found during unmarshaling')
    const end = this.at + size
    if (end > this.end) throw new DecodeError('unexpected EOF')
    return end
  }

  /** A tag or a length. */
  unsigned(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count++) {
      if (this.at >= this.end) throw new DecodeError('unexpected EOF')
      const byte = this.bytes[this.at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new DecodeError('proto: integer overflow')
  }

  /** An int32, int64 or bool. */
  signed(): number {
    const first = this.bytes[this.at]
    if (first !== undefined && first < 128 && this.at < this.end) {
      this.at++
      return first
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw new DecodeError('unexpected EOF')
      const byte = this.bytes[this.at++]!
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 128) return (high | 0) * 0x100000000 + (low >>> 0)
    }
    throw new DecodeError('proto: integer overflow')
  }

  double(): number {
    if (this.at + 8 > this.end) throw new DecodeError('unexpected EOF')
    this.at += 8
    return this.bytes.readDoubleLE(this.at - 8)
  }

  string(): string {
    const end = this.span()
    const start = this.at
    this.at = end
    const { bytes } = this
    if (end - start < 12) {
      // Short texts are nearly all ASCII; putting them together here saves the call into the runtime.
      let text = ''
      for (let at = start; at < end; at++) {
        const byte = bytes[at]!
        if (byte > 127) return bytes.toString('utf8', start, end)
        text += String.fromCharCode(byte)
      }
      return text
    }
    return bytes.toString('utf8', start, end)
  }

  slice(): Buffer {
    const end = this.span()
    const start = this.at
    this.at = end
    return this.bytes.subarray(start, end)
  }

  /** Steps over a field that nobody knows; `message`: Go's name of what is read, for the errors. */
  skipField(tag: number, message: string): void {
    const wireType = tag & 7
    if (wireType === wireTypes.endGroup) throw endOfNoGroup(message)
    if (tag < 8) throw new DecodeError(`proto: ${message}: illegal tag 0 (wire type ${wireType})`)
    this.skip(wireType)
  }

  skip(wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.signed()
        return
      case wireTypes.fixed64:
        this.at += 8
        break
      case wireTypes.bytes:
        this.at = this.span()
        break
      case wireTypes.fixed32:
        this.at += 4
        break
      case wireTypes.startGroup:
        this.#skipGroup()
        break
      default:
        throw new DecodeError(`proto: illegal wireType ${wireType}`)
    }
    if (this.at > this.end) throw new DecodeError('unexpected EOF')
  }

  /** Groups are a thing of the past that generated code still steps over. */
  #skipGroup(): void {
    for (let depth = 1; depth > 0; ) {
      const wireType = this.unsigned() & 7
      if (wireType === wireTypes.startGroup) depth++
      else if (wireType === wireTypes.endGroup) depth--
      else this.skip(wireType)
    }
  }
}
