/**
 * Distinguished encoding rules (ITU-T X.690), as far as certificates need them: one function per type writes an
 * element, `parseDer` reads one. Lengths are definite and minimal; what is longer than its parent is refused.
 */
type Bytes = Uint8Array

function element(tag: number, ...parts: readonly Bytes[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([header(tag, length), ...parts])
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length])
  if (length < 0x100) return Buffer.from([tag, 0x81, length])
  if (length < 0x10000) return Buffer.from([tag, 0x82, length >> 8, length & 0xff])
  return Buffer.from([tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff])
}

export const der = {
  sequence: (...items: readonly Bytes[]): Buffer => element(0x30, ...items),
  /** SET OF: its members in ascending order of their encoding. */
  set: (...items: readonly Bytes[]): Buffer => element(0x31, ...[...items].sort(Buffer.compare)),
  boolean: (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0])),
  /** A non-negative integer, big endian. */
  integer: (value: number | Bytes): Buffer => {
    let bytes: Bytes = typeof value === 'number' ? Buffer.from(value.toString(16).padStart(8, '0'), 'hex') : value
    let start = 0
    while (start < bytes.length - 1 && bytes[start] === 0) start++
    bytes = bytes.subarray(start)
    return (bytes[0] ?? 0) & 0x80 ? element(0x02, Buffer.from([0]), bytes) : element(0x02, bytes)
  },
  oid: (dotted: string): Buffer => element(0x06, oidBytes(dotted)),
  octetString: (content: Bytes): Buffer => element(0x04, content),
  bitString: (content: Bytes, unusedBits = 0): Buffer => element(0x03, Buffer.from([unusedBits]), content),
  utf8: (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8')),
  printable: (text: string): Buffer => element(0x13, Buffer.from(text, 'latin1')),
  null: (): Buffer => element(0x05),
  /** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). `epochMs` is cut to seconds. */
  time: (epochMs: number): Buffer => {
    const digits = new Date(epochMs)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replace(/[-:T]/g, '')
    const year = new Date(epochMs).getUTCFullYear()
    return year < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits))
  },
  /** `[number] EXPLICIT`. */
  explicit: (number: number, ...items: readonly Bytes[]): Buffer => element(0xa0 | number, ...items),
  /** `[number] IMPLICIT` of a primitive type. */
  implicit: (number: number, content: Bytes): Buffer => element(0x80 | number, content),
} as const

const oidCache = new Map<string, Buffer>()

function oidBytes(dotted: string): Buffer {
  const known = oidCache.get(dotted)
  if (known !== undefined) return known
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) septets.unshift((left % 128) | 0x80)
    bytes.push(...septets)
  }
  const encoded = Buffer.from(bytes)
  oidCache.set(dotted, encoded)
  return encoded
}

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One element that was read. `raw` is all of it, `content` what follows its header. */
export interface DerElement {
  readonly tag: number
  readonly raw: Buffer
  readonly content: Buffer
}

function readAt(bytes: Buffer, offset: number): DerElement {
  const tag = bytes[offset]
  let length = bytes[offset + 1]
  if (tag === undefined || length === undefined) throw new DerError('truncated element')
  if ((tag & 0x1f) === 0x1f) throw new DerError('multi-byte tags are not supported')
  let start = offset + 2
  if (length & 0x80) {
    const size = length & 0x7f
    if (size === 0 || size > 4) throw new DerError('indefinite or oversized length')
    length = 0
    for (let index = 0; index < size; index++) {
      const byte = bytes[start++]
      if (byte === undefined) throw new DerError('truncated length')
      length = length * 256 + byte
    }
    if (length < 0x80 || (size > 1 && length < 2 ** (8 * (size - 1)))) throw new DerError('length is not minimal')
  }
  if (start + length > bytes.length) throw new DerError('element reaches beyond its parent')
  return { tag, raw: bytes.subarray(offset, start + length), content: bytes.subarray(start, start + length) }
}

/** Reads exactly one element. Throws DerError on anything else. */
export function parseDer(bytes: Uint8Array): DerElement {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const result = readAt(buffer, 0)
  if (result.raw.length !== buffer.length) throw new DerError('trailing data')
  return result
}

/** The elements inside a constructed element. */
export function childrenOf(parent: DerElement): DerElement[] {
  const children: DerElement[] = []
  for (let offset = 0; offset < parent.content.length; ) {
    const child = readAt(parent.content, offset)
    children.push(child)
    offset += child.raw.length
  }
  return children
}

/** Throws unless the element has this tag. */
export function expectTag(found: DerElement | undefined, tag: number, what: string): DerElement {
  if (found?.tag !== tag) throw new DerError(`${what}: expected tag 0x${tag.toString(16)}`)
  return found
}

export function readOid(found: DerElement | undefined): string {
  const { content } = expectTag(found, 0x06, 'object identifier')
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)))
    else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

/** Text of a string element, whatever of the usual string types it has. */
export function readText(found: DerElement): string {
  switch (found.tag) {
    case 0x0c: // UTF8String
      return found.content.toString('utf8')
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x16: // IA5String
    case 0x14: // T61String
      return found.content.toString('latin1')
    case 0x1e: // BMPString
      return Buffer.from(found.content).swap16().toString('utf16le')
    default:
      throw new DerError(`tag 0x${found.tag.toString(16)} is no string`)
  }
}

/** Epoch milliseconds of a UTCTime or GeneralizedTime. */
export function readTime(found: DerElement | undefined): number {
  const text = found?.content.toString('latin1') ?? ''
  const digits =
    found?.tag === 0x17 && /^\d{12}Z$/.test(text)
      ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text
      : found?.tag === 0x18 && /^\d{14}Z$/.test(text)
        ? text
        : undefined
  if (digits === undefined) throw new DerError('malformed time')
  const part = (from: number, to: number) => Number(digits.slice(from, to))
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14))
}
