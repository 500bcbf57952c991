import type { Row } from './row.ts'

/**
 * Rows on their way to another thread: few big buffers are handed over where 100,000 small ones would be copied, and each would
 * be an object for the collector to follow. Values that are current and values that compaction will forget lie apart, so that
 * forgetting gives memory back.
 */
export interface RowBatch {
  readonly keys: readonly string[]
  /** Six for each row, as `fieldsOf` says. */
  readonly numbers: Float64Array
  readonly current: Uint8Array
  readonly past: Uint8Array
}

const fieldsOf = 6
/** A buffer lives as long as any of its values: small ones are given up sooner. */
const enoughBytes = 256 << 10

/** Where a value lies; `none`: the key was deleted. */
const place = { none: 0, current: 1, past: 2 } as const

class Values {
  readonly #parts: Uint8Array[] = []
  bytes = 0

  add(value: Uint8Array): void {
    this.#parts.push(value)
    this.bytes += value.byteLength
  }

  joined(): Uint8Array {
    const all = new Uint8Array(this.bytes)
    let at = 0
    for (const part of this.#parts) {
      all.set(part, at)
      at += part.byteLength
    }
    return all
  }
}

/** Collects rows until there are enough for a batch. */
export class RowPacker {
  readonly #keys: string[] = []
  readonly #numbers: number[] = []
  readonly #current = new Values()
  readonly #past = new Values()

  get full(): boolean {
    return this.#current.bytes + this.#past.bytes >= enoughBytes || this.#keys.length >= 1024
  }

  add([sequence, revision, createRevision, key, value, expiresAt]: Row, { isCurrent }: { isCurrent: boolean }): void {
    const where = value === null ? place.none : isCurrent ? place.current : place.past
    this.#keys.push(key)
    this.#numbers.push(sequence, revision, createRevision, expiresAt ?? Number.NaN, where, value?.byteLength ?? 0)
    if (value !== null) (isCurrent ? this.#current : this.#past).add(value)
  }

  packed(): RowBatch {
    return {
      keys: this.#keys,
      numbers: Float64Array.from(this.#numbers),
      current: this.#current.joined(),
      past: this.#past.joined(),
    }
  }
}

/** What of a batch changes hands when it is posted. */
export function transferred({ numbers, current, past }: RowBatch): ArrayBuffer[] {
  return [numbers, current, past].map((part) => part.buffer as ArrayBuffer)
}

/** The rows of a batch, in the order in which they were added; the values are views of its buffers. */
export function unpacked({ keys, numbers, current, past }: RowBatch): Row[] {
  const at = { current: 0, past: 0 }
  const view = (from: 'current' | 'past', length: number): Uint8Array => {
    const start = at[from]
    at[from] += length
    return (from === 'current' ? current : past).subarray(start, at[from])
  }
  return keys.map((key, index) => {
    const first = index * fieldsOf
    const [expiresAt, where, length] = [numbers[first + 3]!, numbers[first + 4]!, numbers[first + 5]!]
    const value = where === place.none ? null : view(where === place.current ? 'current' : 'past', length)
    return [
      numbers[first]!,
      numbers[first + 1]!,
      numbers[first + 2]!,
      key,
      value,
      Number.isNaN(expiresAt) ? null : expiresAt,
    ]
  })
}
