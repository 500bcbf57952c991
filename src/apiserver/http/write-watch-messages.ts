import type { WebSocket } from 'ws'
import { acceptWebSocket } from '../../machinery/streaming/channel-socket.ts'
import type { WatchAnswer, WatchSink } from '../answer.ts'
import type { WatchNotice } from '../cache/watch-event.ts'
import type { Exchange } from './exchange.ts'
import type { WatchEncoder } from './watch-encoder.ts'

/** How long the length is that comes before each frame of protobuf, but not before a message. */
const lengthBytes = 4

/**
 * A watch over a WebSocket: a message for each event, of text or, in protobuf, of bytes (endpoints/handlers/watch.go
 * HandleWS). Who asks says whence it comes, as browsers do, and may name a protocol, which means nothing.
 */
export async function writeWatchMessages(
  answer: WatchAnswer,
  encoder: WatchEncoder,
  options: {
    readonly exchange: Exchange
    readonly binary: boolean
    readonly counted?: (frames: readonly number[]) => void
  },
): Promise<void> {
  const { exchange } = options
  const upgrade = exchange.upgrade!
  const { headers } = exchange
  if (headers['sec-websocket-version'] !== '13') {
    const refusal = 'HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\n\r\nmissing or bad WebSocket Version'
    upgrade.socket.end(refusal)
    return
  }
  // As Go's url.ParseRequestURI: `null`, as sandboxed pages say, is none.
  if (!URL.canParse(headers['origin'] ?? '')) {
    upgrade.socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    return
  }
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  const accepted = await acceptWebSocket(upgrade, offered)
  if (accepted === undefined) return
  const { socket } = accepted
  await new Promise<void>((resolve) => {
    const stop = answer.open(new MessageSink(socket, encoder, options.binary, options.counted))
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      stop()
      resolve()
    })
  })
}

class MessageSink implements WatchSink {
  readonly #socket: WebSocket
  readonly #encoder: WatchEncoder
  readonly #binary: boolean
  readonly #counted: ((frames: readonly number[]) => void) | undefined

  constructor(
    socket: WebSocket,
    encoder: WatchEncoder,
    binary: boolean,
    counted: ((frames: readonly number[]) => void) | undefined,
  ) {
    this.#socket = socket
    this.#encoder = encoder
    this.#binary = binary
    this.#counted = counted
  }

  get backlog(): number {
    return this.#socket.bufferedAmount
  }

  notice(notice: WatchNotice): void {
    try {
      this.#send(this.#encoder.notice(notice))
    } catch {
      // An object that cannot be encoded as was asked: the reader is not to wait for it.
      this.end()
    }
  }

  error(status: object): void {
    this.#send(this.#encoder.error(status))
    this.end()
  }

  end(): void {
    this.#socket.close(1000)
  }

  #send(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#counted?.([frame.byteLength])
    this.#socket.send(this.#binary ? frame.subarray(lengthBytes) : frame, { binary: this.#binary })
  }
}
