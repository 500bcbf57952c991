import type { WatchNotice } from '../cache/watch-event.ts'
import { SharedBytes } from './shared-bytes.ts'
import type { WatchEncoder } from './watch-encoder.ts'

/** Few large writes instead of many small ones: an initial list is thousands of events. */
const writeBytes = 64 * 1024
const keptBatches = 8

/** One write to a watch: what it tells, and how. */
export interface Batch {
  readonly notices: readonly WatchNotice[]
  /** The length of each notice's frame. */
  readonly frameBytes: readonly number[]
  readonly bytes: SharedBytes
}

interface KeptBatch extends Batch {
  readonly alike: object
  readonly full: boolean
}

/**
 * Makes writes of notices. Watches of one collection are told of the same in the same batches: who asks for a batch that was
 * just made gets the same bytes, and nothing is done per event.
 */
export class SharedBatches {
  readonly #kept: KeptBatch[] = []

  /** As many of the notices from `from` on as one write takes. */
  next(notices: readonly WatchNotice[], from: number, encoder: WatchEncoder): Batch {
    const { alike } = encoder
    if (alike !== undefined) {
      const found = this.#kept.find((batch) => batch.alike === alike && comesNext(batch, notices, from))
      if (found !== undefined) return found
    }
    const frames: Uint8Array[] = []
    let length = 0
    for (let at = from; at < notices.length && length < writeBytes; at++) {
      const frame = encoder.notice(notices[at]!)
      frames.push(frame)
      length += frame.byteLength
    }
    const batch: Batch = {
      notices: notices.slice(from, from + frames.length),
      frameBytes: frames.map(({ byteLength }) => byteLength),
      bytes: new SharedBytes(frames.length === 1 ? frames[0]! : Buffer.concat(frames, length)),
    }
    if (alike !== undefined) this.#kept.unshift({ ...batch, alike, full: length >= writeBytes })
    if (this.#kept.length > keptBatches) this.#kept.pop()
    return batch
  }
}

/** Whether the batch is what would be made of these notices. */
function comesNext(batch: KeptBatch, notices: readonly WatchNotice[], from: number): boolean {
  const count = batch.notices.length
  const rest = notices.length - from
  if (batch.full ? rest < count : rest !== count) return false
  for (let at = 0; at < count; at++) if (batch.notices[at] !== notices[from + at]) return false
  return true
}
