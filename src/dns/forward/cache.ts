import { readName } from '../wire/name.ts'
import { rcode, recordType } from '../wire/message.ts'

/** Seconds for which an answer may be kept at most, as kubeadm's CoreDNS does (`cache 30`); failures for 5. */
const maxTtl = 30
const failureTtl = 5

interface Entry {
  readonly bytes: Buffer
  /** Where the TTLs are. */
  readonly ttlOffsets: readonly number[]
  readonly storedMs: number
  readonly ttl: number
}

/** Answers of other name servers, as they came. The oldest entry goes when it is full. */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>()
  readonly #capacity: number

  constructor(capacity = 10_000) {
    this.#capacity = capacity
  }

  /** The answer with its TTLs counted down; undefined when there is none that is fresh. `nowMs`: monotonic. */
  get(key: string, nowMs: number): Buffer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    const age = Math.floor((nowMs - entry.storedMs) / 1000)
    if (age >= entry.ttl) {
      this.#entries.delete(key)
      return undefined
    }
    const bytes = Buffer.from(entry.bytes)
    for (const at of entry.ttlOffsets) bytes.writeUInt32BE(Math.max(0, bytes.readUInt32BE(at) - age), at)
    return bytes
  }

  /** Keeps an answer as long as it allows; truncated and unusual ones not at all. */
  put(key: string, bytes: Buffer, nowMs: number): void {
    const found = scan(bytes)
    if (found === undefined || found.ttl <= 0) return
    this.#entries.delete(key)
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next().value
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, { bytes, ttlOffsets: found.ttlOffsets, storedMs: nowMs, ttl: found.ttl })
  }
}

/** How long an answer holds (RFC 2308 for those that say no), and where its TTLs are. */
export function scan(bytes: Buffer): { readonly ttl: number; readonly ttlOffsets: readonly number[] } | undefined {
  const flags = bytes.readUInt16BE(2)
  const code = flags & 15
  if ((flags & 0x0200) !== 0) return undefined
  if (code === rcode.serverFailure) return { ttl: failureTtl, ttlOffsets: [] }
  if (code !== rcode.noError && code !== rcode.nameError) return undefined
  const counts = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at))
  let at = 12
  for (let i = 0; i < counts[0]!; i++) at = readName(bytes, at).end + 4
  let ttl = maxTtl
  let negative = counts[1] === 0
  const ttlOffsets: number[] = []
  for (const [section, count] of counts.slice(1).entries()) {
    for (let i = 0; i < count; i++) {
      const { end } = readName(bytes, at)
      if (end + 10 > bytes.length) return undefined
      const type = bytes.readUInt16BE(end)
      const size = bytes.readUInt16BE(end + 8)
      at = end + 10 + size
      if (at > bytes.length) return undefined
      if (type === recordType.OPT) continue
      ttlOffsets.push(end + 4)
      ttl = Math.min(ttl, bytes.readUInt32BE(end + 4))
      if (section === 1 && type === recordType.SOA && size >= 20) {
        negative = false
        ttl = Math.min(ttl, bytes.readUInt32BE(at - 4))
      }
    }
  }
  // A "no" without authority does not say for how long.
  return negative ? { ttl: failureTtl, ttlOffsets } : { ttl, ttlOffsets }
}
