/** Frames of HTTP/2 (RFC 9113), and as much of HPACK (RFC 7541) as writing requests and reading a status needs. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export const frameTypes = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
] as const
type FrameType = (typeof frameTypes)[number]

const errorCodes = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
]

export function frame(
  type: FrameType | number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.byteLength, 0, 3)
  head.writeUInt8(typeof type === 'number' ? type : frameTypes.indexOf(type), 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const uint32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at)
  return bytes
}

export function settings(values: readonly (readonly [number, number])[] = []): Buffer {
  const bytes = Buffer.alloc(6 * values.length)
  for (const [at, [name, value]] of values.entries()) {
    bytes.writeUInt16BE(name, 6 * at)
    bytes.writeUInt32BE(value, 6 * at + 2)
  }
  return frame('SETTINGS', 0, 0, bytes)
}

function length(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}
const literal = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([length(bytes.byteLength), bytes])
}

/** Each header as a literal that is not remembered. */
export const headerBlock = (headers: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]))

/** What the server sent, a line per frame: in order on each stream, and without what says nothing about the request. */
export function tellFrames(bytes: Buffer, tellsSettings: boolean): string[] {
  const told: [number, string][] = []
  for (let at = 0; at + 9 <= bytes.byteLength; ) {
    const size = bytes.readUIntBE(at, 3)
    const type = bytes.readUInt8(at + 3)
    const flags = bytes.readUInt8(at + 4)
    const stream = bytes.readUInt32BE(at + 5)
    const text = tellFrame(type, flags, stream, bytes.subarray(at + 9, at + 9 + size))
    if (text !== undefined && (tellsSettings || type !== 4)) told.push([stream, text])
    at += 9 + size
  }
  return joinData(told.sort(([a], [b]) => a - b).map(([, text]) => text))
}

function tellFrame(type: number, flags: number, stream: number, payload: Buffer): string | undefined {
  const name = frameTypes[type] ?? `type ${type}`
  switch (name) {
    case 'WINDOW_UPDATE':
      return undefined
    case 'SETTINGS': {
      if (flags & 1) return undefined
      const values: string[] = []
      for (let at = 0; at < payload.byteLength; at += 6) {
        values.push(`${payload.readUInt16BE(at)}=${payload.readUInt32BE(at + 2)}`)
      }
      return `SETTINGS ${values.sort().join(' ')}`
    }
    case 'GOAWAY':
      // Which stream was the last one seen depends on when its frames were looked at.
      return `GOAWAY ${errorOf(payload, 4)}`
    case 'RST_STREAM':
      return `${stream} RST_STREAM ${errorOf(payload, 0)}`
    case 'PING':
      return `PING ${flags} ${payload.toString('hex')}`
    case 'HEADERS':
      return `${stream} HEADERS ${statusOf(payload)}${flags & 1 ? ' end' : ''}`
    case 'DATA':
      return `${stream} DATA ${payload.toString('latin1')}${flags & 1 ? '\nend' : ''}`
    default:
      return `${stream} ${name}`
  }
}

const errorOf = (payload: Buffer, at: number): string => errorCodes[payload.readUInt32BE(at)] ?? 'another error'

/** How a body is cut into frames is the server's own affair. */
function joinData(lines: readonly string[]): string[] {
  const joined: string[] = []
  for (const line of lines) {
    const [, stream, more] = /^(\d+) DATA ([^]*)$/.exec(line) ?? []
    const last = joined.at(-1)
    if (stream !== undefined && last?.startsWith(`${stream} DATA `)) joined[joined.length - 1] = last + more!
    else joined.push(line)
  }
  return joined
}

const indexed: Readonly<Record<number, number>> = { 8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500 }

/** The first header that an answer has. Trailers have none. */
function statusOf(block: Buffer): string {
  let at = 0
  // The table's size may be changed first.
  while ((block[at]! & 0xe0) === 0x20) at++
  const first = block[at]!
  if (first & 0x80) return String(indexed[first & 0x7f] ?? 'status remembered')
  const size = block[at + 1]! & 0x7f
  const value = block.subarray(at + 2, at + 2 + size)
  return block[at + 1]! & 0x80 ? digitsOf(value) : value.toString('latin1')
}

/** Digits in HPACK's Huffman code: 0 to 2 have five bits, the others six. */
function digitsOf(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let digits = ''
  for (let at = 0; digits.length < 3 && at < bits.length; ) {
    const five = Number.parseInt(bits.slice(at, at + 5), 2)
    if (five < 3) {
      digits += five
      at += 5
    } else {
      digits += Number.parseInt(bits.slice(at, at + 6), 2) - 0b011001 + 3
      at += 6
    }
  }
  return digits
}
