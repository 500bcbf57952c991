import { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { UpgradeRequest } from './upgrade.ts'

/**
 * Numbered channels over one WebSocket (`*.channel.k8s.io`): the first byte of a binary message, or the first digit of
 * a text message whose rest is base64, names the channel (streaming pkg/httpstream/wsstream).
 */
export class ChannelSocket {
  readonly protocol: string
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #channels = new Map<number, Channel>()

  constructor({ socket, protocol }: AcceptedWebSocket) {
    this.#socket = socket
    this.protocol = protocol
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => socket.terminate())
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(isBinary ? data : decodeText(data)))
    void this.closed.then(() => {
      for (const channel of this.#channels.values()) {
        if (!channel.readableEnded) channel.push(null)
        channel.destroy()
      }
    })
  }

  get #base64(): boolean {
    return this.protocol.includes('base64')
  }

  /** The stream of a channel; what the peer sends on a channel that nobody asked for is dropped. */
  channel(number: number): Duplex {
    let channel = this.#channels.get(number)
    if (channel === undefined) {
      channel = new Channel({
        send: (bytes, done) => this.send(number, bytes, done),
        pause: () => this.#socket.pause(),
        resume: () => this.#socket.resume(),
      })
      this.#channels.set(number, channel)
    }
    return channel
  }

  send(number: number, bytes: Uint8Array, done?: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return done?.(new Error('WebSocket is closed'))
    if (this.#base64) this.#socket.send(`${number}${Buffer.from(bytes).toString('base64')}`, done)
    else this.#socket.send(Buffer.concat([Buffer.from([number]), bytes]), { binary: true }, done)
  }

  close(): void {
    this.#socket.close(1000)
  }

  #receive(message: Buffer): void {
    if (message.length === 0) return
    const number = message[0]!
    // v5: channel 255 carries the number of a channel whose sender is done.
    if (number === 255 && this.protocol === 'v5.channel.k8s.io') this.#channels.get(message[1] ?? -1)?.push(null)
    else this.#channels.get(number)?.receive(message.subarray(1))
  }
}

function decodeText(data: Buffer): Buffer {
  if (data.length === 0) return data
  return Buffer.concat([Buffer.from([data[0]! - 0x30]), Buffer.from(data.toString('latin1', 1), 'base64')])
}

interface ChannelEnds {
  readonly send: (bytes: Buffer, done: (error?: Error | null) => void) => void
  readonly pause: () => void
  readonly resume: () => void
}

class Channel extends Duplex {
  readonly #ends: ChannelEnds

  constructor(ends: ChannelEnds) {
    super({ allowHalfOpen: true })
    this.#ends = ends
    this.on('error', () => {})
  }

  receive(bytes: Buffer): void {
    if (!this.destroyed && !this.readableEnded && bytes.length > 0 && !this.push(bytes)) this.#ends.pause()
  }
  override _read(): void {
    this.#ends.resume()
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#ends.send(chunk, done)
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#ends.resume()
    done(error)
  }
}

export interface AcceptedWebSocket {
  readonly socket: WebSocket
  /** The negotiated subprotocol; '' for none. */
  readonly protocol: string
}

const maxMessageBytes = 32 * 1024 * 1024

/** Accepts the WebSocket with the first of `protocols` that the client offers; undefined (and 403) when there is none. */
export function acceptWebSocket(
  upgrade: UpgradeRequest,
  protocols: readonly string[],
): Promise<AcceptedWebSocket | undefined> {
  const offered = (upgrade.request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter(Boolean)
  const chosen =
    protocols.find((protocol) => offered.includes(protocol)) ??
    (offered.length === 0 && protocols.includes('') ? '' : undefined)
  return new Promise((resolve) => {
    if (chosen === undefined) {
      upgrade.socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return resolve(undefined)
    }
    // The tunnel's name holds a slash, which ws rightly says is no token: it negotiates an alias, the wire has the name.
    const alias = chosen.replaceAll('/', '-')
    upgrade.request.headers['sec-websocket-protocol'] = alias
    if (chosen === '') delete upgrade.request.headers['sec-websocket-protocol']
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes })
    server.on('headers', (lines) =>
      lines.forEach((line, index) => (lines[index] = line.replace(`Protocol: ${alias}`, `Protocol: ${chosen}`))),
    )
    upgrade.socket.once('close', () => resolve(undefined))
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) =>
      resolve({ socket, protocol: chosen }),
    )
  })
}
