import type { WatchAnswer, WatchSink } from '../answer.ts'
import type { WatchNotice } from '../cache/watch-event.ts'
import type { ByteSink } from './exchange.ts'
import { SharedBatches } from './shared-batches.ts'
import type { WatchEncoder } from './watch-encoder.ts'
import { jsonWatchEncoder } from './watch-encoder.ts'
import type { RoundMember, WriteRounds } from './write-rounds.ts'
import type { Writing } from './writing.ts'

/** What a reader that fell behind is still sent when its watch ends; beyond that it asks again. */
const lastBytes = 1024 * 1024

/** Sends a watch's events as they come, until it ends or the reader goes. */
export async function writeWatch(answer: WatchAnswer, writing: Writing): Promise<void> {
  const { exchange, headers, mediaType, rounds, metrics } = writing
  const protobuf =
    mediaType === 'application/vnd.kubernetes.protobuf' && (answer.definition.protobuf || answer.convert !== undefined)
  const encoder: WatchEncoder = protobuf
    ? (await import('./protobuf-watch-encoder.ts')).protobufWatchEncoder(answer)
    : jsonWatchEncoder(answer)
  if (exchange.upgrade !== undefined && exchange.headers['upgrade']?.toLowerCase() === 'websocket') {
    const { writeWatchMessages } = await import('./write-watch-messages.ts')
    return writeWatchMessages(answer, encoder, {
      exchange,
      binary: protobuf,
      counted: metrics?.watchEvents(answer.definition),
    })
  }
  const contentType = protobuf ? `${mediaType};stream=watch` : 'application/json'
  const bytes = exchange.stream(200, { ...headers, 'content-type': contentType })
  await new Promise<void>((resolve) => {
    let stop = () => {}
    const counted = metrics?.watchEvents(answer.definition)
    const sink = new ByteWatchSink(bytes, encoder, rounds, { counted, initialEventsTold: writing.initialEventsTold })
    bytes.writable.once('close', () => {
      sink.close()
      stop()
      resolve()
    })
    stop = answer.open(sink)
    if (bytes.writable.destroyed) {
      sink.close()
      stop()
      resolve()
    }
  })
}

const batches = new SharedBatches()

/**
 * Keeps what happened, which all watches share, until its round comes, and longer while the reader is behind: then it is
 * not encoded into buffers of its own.
 */
class ByteWatchSink implements WatchSink, RoundMember {
  readonly #bytes: ByteSink
  readonly #encoder: WatchEncoder
  readonly #rounds: WriteRounds
  readonly #counted: (frameBytes: readonly number[]) => void
  readonly #initialEventsTold: (() => void) | undefined
  #notices: WatchNotice[] = []
  #noticeBytes = 0
  /** Whether its turn will come: with the next round, or when the reader has caught up. */
  #waiting = false

  constructor(
    bytes: ByteSink,
    encoder: WatchEncoder,
    rounds: WriteRounds,
    told: { readonly counted?: (frameBytes: readonly number[]) => void; readonly initialEventsTold?: () => void },
  ) {
    this.#counted = told.counted ?? (() => {})
    this.#initialEventsTold = told.initialEventsTold
    this.#bytes = bytes
    this.#encoder = encoder
    this.#rounds = rounds
  }

  /** What was handed to the stream does not count: no more than one write of that waits for the reader. */
  get backlog(): number {
    return this.#noticeBytes
  }

  notice(notice: WatchNotice): void {
    this.#notices.push(notice)
    if (notice.type === 'BOOKMARK' && notice.initialEventsEnd) this.#initialEventsTold?.()
    this.#noticeBytes += notice.type === 'BOOKMARK' ? 256 : notice.object.byteLength
    if (this.#waiting) return
    this.#waiting = true
    this.#rounds.add(this)
  }

  writeNow(): void {
    this.#waiting = false
    if (this.#bytes.writable.destroyed) return
    try {
      this.#write(() => this.#bytes.full)
    } catch {
      // An object that cannot be encoded as was asked: the reader is not to wait for it.
      this.#bytes.end()
      return
    }
    if (this.#notices.length === 0) return
    this.#waiting = true
    void this.#bytes.drained().then(() => this.#rounds.add(this))
  }

  error(status: object): void {
    this.#last()
    this.#bytes.write(this.#encoder.error(status))
    this.#bytes.end()
  }

  end(): void {
    this.#last()
    this.#bytes.end()
  }

  /** The reader has gone. */
  close(): void {
    this.#notices = []
  }

  #last(): void {
    if (this.#noticeBytes < lastBytes) this.#write(() => false)
    this.#notices = []
  }

  #write(full: () => boolean): void {
    const notices = this.#notices
    let next = 0
    while (next < notices.length && !full()) {
      const batch = batches.next(notices, next, this.#encoder)
      next += batch.notices.length
      this.#counted(batch.frameBytes)
      this.#bytes.writeShared(batch.bytes)
    }
    this.#notices = next === notices.length ? [] : notices.slice(next)
    this.#noticeBytes = this.#notices.reduce(
      (sum, notice) => sum + (notice.type === 'BOOKMARK' ? 256 : notice.object.byteLength),
      0,
    )
  }
}
