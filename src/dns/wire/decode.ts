import { formatIp } from '../../machinery/ip.ts'
import {
  type Edns,
  internetClass,
  MalformedMessage,
  type Message,
  type Question,
  recordType,
  type ResourceRecord,
} from './message.ts'
import { readName } from './name.ts'

/** Reads a message. Throws MalformedMessage. Bytes after it are ignored. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length < 12) throw new MalformedMessage('shorter than a header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint16(2)
  const counts = [4, 6, 8, 10].map((at) => view.getUint16(at))
  let at = 12
  const questions: Question[] = []
  for (let i = 0; i < counts[0]!; i++) {
    const { name, end } = readName(bytes, at)
    if (end + 4 > bytes.length) throw new MalformedMessage('a question runs out of the message')
    questions.push({ name, type: view.getUint16(end), class: view.getUint16(end + 2) })
    at = end + 4
  }
  let edns: (Edns & { readonly upperRcode: number }) | undefined
  const sections = counts.slice(1).map((count) => {
    const records: ResourceRecord[] = []
    for (let i = 0; i < count; i++) {
      const { name, end } = readName(bytes, at)
      if (end + 10 > bytes.length) throw new MalformedMessage('a record runs out of the message')
      const type = view.getUint16(end)
      const size = view.getUint16(end + 8)
      const data = end + 10
      if (data + size > bytes.length) throw new MalformedMessage('a record runs out of the message')
      at = data + size
      if (type === recordType.OPT) {
        if (edns !== undefined) throw new MalformedMessage('two OPT records')
        const ttl = view.getUint32(end + 4)
        edns = {
          udpSize: view.getUint16(end + 2),
          upperRcode: ttl >>> 24,
          version: (ttl >>> 16) & 0xff,
          dnssecOk: (ttl & 0x8000) !== 0,
        }
      } else if (view.getUint16(end + 2) === internetClass) {
        records.push(readRecord(bytes, view, { name, ttl: view.getUint32(end + 4), type, at: data, size }))
      }
    }
    return records
  })
  return {
    id: view.getUint16(0),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    rcode: (flags & 15) | ((edns?.upperRcode ?? 0) << 4),
    questions,
    answers: sections[0]!,
    authority: sections[1]!,
    additional: sections[2]!,
    edns: edns && { udpSize: edns.udpSize, version: edns.version, dnssecOk: edns.dnssecOk },
  }
}

interface RawRecord {
  readonly name: string
  readonly ttl: number
  readonly type: number
  readonly at: number
  readonly size: number
}

function readRecord(bytes: Uint8Array, view: DataView, { name, ttl, type, at, size }: RawRecord): ResourceRecord {
  const need = (least: number) => {
    if (size < least) throw new MalformedMessage(`a record of type ${type} is too short`)
  }
  switch (type) {
    case recordType.A:
      need(4)
      return { name, ttl, type, address: formatIp({ family: 4, value: BigInt(view.getUint32(at)) }) }
    case recordType.AAAA:
      need(16)
      return {
        name,
        ttl,
        type,
        address: formatIp({ family: 6, value: (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8) }),
      }
    case recordType.CNAME:
    case recordType.PTR:
    case recordType.NS:
      return { name, ttl, type, target: readName(bytes, at).name }
    case recordType.SRV:
      need(7)
      return {
        name,
        ttl,
        type,
        priority: view.getUint16(at),
        weight: view.getUint16(at + 2),
        port: view.getUint16(at + 4),
        target: readName(bytes, at + 6).name,
      }
    case recordType.TXT: {
      const texts: string[] = []
      for (let i = at; i < at + size; i += 1 + bytes[i]!) {
        texts.push(Buffer.from(bytes.subarray(i + 1, Math.min(i + 1 + bytes[i]!, at + size))).toString('latin1'))
      }
      return { name, ttl, type, texts }
    }
    case recordType.SOA: {
      const primary = readName(bytes, at)
      const mailbox = readName(bytes, primary.end)
      const numbers = mailbox.end
      if (numbers + 20 > at + size) throw new MalformedMessage('a SOA record is too short')
      const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = [0, 4, 8, 12, 16].map((i) =>
        view.getUint32(numbers + i),
      )
      return { name, ttl, type, primary: primary.name, mailbox: mailbox.name, serial, refresh, retry, expire, minimum }
    }
    default:
      return { name, ttl, type, data: bytes.slice(at, at + size) }
  }
}
