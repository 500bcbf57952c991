import type { WatchAnswer, WatchSink } from '../answer.ts'
import type { WatchNotice } from '../cache/watch-event.ts'
import type { ByteSink } from './exchange.ts'
import type { WatchEncoder } from './watch-encoder.ts'
import { jsonWatchEncoder } from './watch-encoder.ts'
import type { Writing } from './write-answer.ts'

/** Sends a watch's events as they come, until it ends or the reader goes. */
export async function writeWatch(answer: WatchAnswer, { exchange, headers, mediaType }: Writing): Promise<void> {
  const protobuf =
    mediaType === 'application/vnd.kubernetes.protobuf' && (answer.definition.protobuf || answer.convert !== undefined)
  const encoder: WatchEncoder = protobuf
    ? (await import('./protobuf-watch-encoder.ts')).protobufWatchEncoder(answer)
    : jsonWatchEncoder(answer)
  const contentType = protobuf ? `${mediaType};stream=watch` : 'application/json'
  const bytes = exchange.stream(200, { ...headers, 'content-type': contentType })
  await new Promise<void>((resolve) => {
    let stop = () => {}
    bytes.writable.once('close', () => {
      stop()
      resolve()
    })
    stop = answer.open(new ByteWatchSink(bytes, encoder))
    if (bytes.writable.destroyed) {
      stop()
      resolve()
    }
  })
}

class ByteWatchSink implements WatchSink {
  readonly #bytes: ByteSink
  readonly #encoder: WatchEncoder

  constructor(bytes: ByteSink, encoder: WatchEncoder) {
    this.#bytes = bytes
    this.#encoder = encoder
  }
  get backlog(): number {
    return this.#bytes.pendingBytes
  }
  notices(notices: readonly WatchNotice[]): void {
    if (notices.length === 1) {
      this.#bytes.write(this.#encoder.notice(notices[0]!))
      return
    }
    // Few large writes instead of many small ones: an initial list is thousands of events.
    let parts: Uint8Array[] = []
    let length = 0
    for (const notice of notices) {
      const frame = this.#encoder.notice(notice)
      parts.push(frame)
      length += frame.byteLength
      if (length < 64 * 1024) continue
      this.#bytes.write(Buffer.concat(parts, length))
      parts = []
      length = 0
    }
    if (length > 0) this.#bytes.write(Buffer.concat(parts, length))
  }
  error(status: object): void {
    this.#bytes.write(this.#encoder.error(status))
    this.#bytes.end()
  }
  end(): void {
    this.#bytes.end()
  }
}
