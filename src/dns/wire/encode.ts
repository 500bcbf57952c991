import { mustParseIp } from '../../machinery/ip.ts'
import { internetClass, type Message, recordType, type ResourceRecord } from './message.ts'
import { splitName } from './name.ts'

/** Writes into a buffer that grows, remembering where names are, so that they need not be repeated. */
class Writer {
  #buffer = Buffer.allocUnsafe(512)
  #length = 0
  /** Name (lower case, from some label on) → where it is written. */
  readonly #names = new Map<string, number>()

  get length(): number {
    return this.#length
  }
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
  /** May replace the buffer, so it comes before any use of it. */
  #room(size: number): number {
    const at = this.#length
    this.#length += size
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    return at
  }
  uint8(value: number): void {
    const at = this.#room(1)
    this.#buffer[at] = value
  }
  uint16(value: number): void {
    const at = this.#room(2)
    this.#buffer.writeUInt16BE(value, at)
  }
  uint32(value: number): void {
    const at = this.#room(4)
    this.#buffer.writeUInt32BE(value, at)
  }
  data(data: Uint8Array): void {
    const at = this.#room(data.length)
    this.#buffer.set(data, at)
  }
  text(text: string): void {
    const at = this.#room(text.length)
    for (let i = 0; i < text.length; i++) this.#buffer[at + i] = text.charCodeAt(i)
  }
  patch16(at: number, value: number): void {
    this.#buffer.writeUInt16BE(value, at)
  }
  /** Names in SRV records are written in full: RFC 2782 forbids pointers there. */
  name(name: string, compress = true): void {
    let rest = name.toLowerCase()
    let spelled = name
    while (rest !== '') {
      const known = compress ? this.#names.get(rest) : undefined
      if (known !== undefined) return this.uint16(0xc000 | known)
      if (this.#length < 0x4000) this.#names.set(rest, this.#length)
      const plain = !rest.includes('\\')
      const dot = plain ? rest.indexOf('.') : labelEnd(rest)
      const raw = dot < 0 ? spelled : spelled.slice(0, dot)
      const label = plain ? raw : (splitName(raw)[0] ?? '')
      this.uint8(label.length)
      this.text(label)
      rest = dot < 0 ? '' : rest.slice(dot + 1)
      spelled = dot < 0 ? '' : spelled.slice(dot + 1)
    }
    this.uint8(0)
  }
}

/** Where the first label of an escaped name ends; -1: it is the last. */
function labelEnd(name: string): number {
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\') i++
    else if (name[i] === '.') return i
  }
  return -1
}

function writeRecord(writer: Writer, record: ResourceRecord): void {
  writer.name(record.name)
  writer.uint16(record.type)
  writer.uint16(internetClass)
  writer.uint32(record.ttl)
  const sizeAt = writer.length
  writer.uint16(0)
  if ('address' in record) writeAddress(writer, record)
  else if ('port' in record) {
    writer.uint16(record.priority)
    writer.uint16(record.weight)
    writer.uint16(record.port)
    writer.name(record.target, false)
  } else if ('target' in record) writer.name(record.target)
  else if ('texts' in record) {
    for (const text of record.texts) {
      writer.uint8(text.length)
      writer.text(text)
    }
  } else if ('primary' in record) {
    writer.name(record.primary)
    writer.name(record.mailbox)
    for (const value of [record.serial, record.refresh, record.retry, record.expire, record.minimum])
      writer.uint32(value)
  } else writer.data(record.data)
  writer.patch16(sizeAt, writer.length - sizeAt - 2)
}

function writeAddress(writer: Writer, { type, address }: { readonly type: number; readonly address: string }): void {
  if (type === recordType.A) {
    for (const byte of address.split('.')) writer.uint8(Number(byte))
    return
  }
  const { value } = mustParseIp(address)
  for (let shift = 96n; shift >= 0n; shift -= 32n) writer.uint32(Number((value >> shift) & 0xffffffffn))
}

/** What we say we take over UDP. 1232 passes everywhere unfragmented (DNS flag day 2020). */
const ownUdpSize = 1232

/**
 * Writes a message. Beyond `maxBytes` additional records are left out first; if that is not enough, the last answers are,
 * and the message is marked as truncated.
 */
export function encodeMessage(message: Message, maxBytes = 65_535): Buffer {
  const whole = encode(message)
  if (whole.length <= maxBytes) return whole
  const bare = { ...message, additional: [] }
  let bytes = encode(bare)
  let least = 0
  let most = message.answers.length
  if (bytes.length <= maxBytes) return bytes
  const cut = { ...bare, truncated: true, authority: [] }
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (encode({ ...cut, answers: message.answers.slice(0, middle) }).length <= maxBytes) least = middle
    else most = middle - 1
  }
  bytes = encode({ ...cut, answers: message.answers.slice(0, least) })
  return bytes
}

function encode(message: Message): Buffer {
  const writer = new Writer()
  writer.uint16(message.id)
  writer.uint16(
    (message.response ? 0x8000 : 0) |
      (message.opcode << 11) |
      (message.authoritative ? 0x0400 : 0) |
      (message.truncated ? 0x0200 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      (message.recursionAvailable ? 0x0080 : 0) |
      (message.rcode & 15),
  )
  const { questions, answers, authority, additional, edns } = message
  writer.uint16(questions.length)
  writer.uint16(answers.length)
  writer.uint16(authority.length)
  writer.uint16(additional.length + (edns === undefined ? 0 : 1))
  for (const question of questions) {
    writer.name(question.name)
    writer.uint16(question.type)
    writer.uint16(question.class)
  }
  for (const record of answers) writeRecord(writer, record)
  for (const record of authority) writeRecord(writer, record)
  for (const record of additional) writeRecord(writer, record)
  if (edns !== undefined) {
    writer.uint8(0)
    writer.uint16(recordType.OPT)
    writer.uint16(message.response ? ownUdpSize : edns.udpSize)
    writer.uint8(message.rcode >> 4)
    writer.uint8(0)
    writer.uint16(edns.dnssecOk ? 0x8000 : 0)
    writer.uint16(0)
  }
  return writer.bytes()
}
