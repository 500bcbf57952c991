import { Duplex } from 'node:stream'
import {
  dataFrame,
  FrameReader,
  goAwayFrame,
  pingFrame,
  rstStatus,
  rstStreamFrame,
  synReplyFrame,
  synStreamFrame,
  type Frame,
} from './frame.ts'
import { HeaderReader, HeaderWriter, type Headers } from './header-block.ts'

/** One stream of a SPDY connection: bytes both ways, each way ended by itself. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: Headers
  readonly #connection: SpdyConnection
  #resume: (() => void) | undefined
  #abandoned = false

  constructor(connection: SpdyConnection, id: number, headers: Headers) {
    super({ allowHalfOpen: true })
    this.#connection = connection
    this.id = id
    this.headers = headers
  }

  /** Tells the peer that the stream broke. */
  reset(): void {
    this.#connection.send(rstStreamFrame(this.id, rstStatus.cancel))
    this.destroy()
  }

  /** Takes bytes from the wire; the promise holds the connection back while the reader is behind. */
  receive(bytes: Buffer, fin: boolean): Promise<void> | undefined {
    let more = true
    if (bytes.length > 0) more = this.push(bytes)
    if (fin) this.push(null)
    return more || this.destroyed ? undefined : new Promise((resolve) => (this.#resume = resolve))
  }

  /** Nothing more comes or goes: the reader gets what there is, writes fail. */
  abandon(): void {
    this.#abandoned = true
    if (!this.readableEnded && !this.destroyed) this.push(null)
    this.end()
  }

  /** Holds the connection back no longer. */
  release(): void {
    this.#resume?.()
    this.#resume = undefined
  }

  override _read(): void {
    this.release()
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#abandoned) done(new Error('SPDY stream is closed'))
    else this.#connection.send(dataFrame(this.id, false, chunk), done)
  }
  override _final(done: (error?: Error | null) => void): void {
    if (this.#abandoned) done()
    else this.#connection.send(dataFrame(this.id, true, Buffer.alloc(0)), done)
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read()
    this.#connection.forget(this)
    done(error)
  }
}

/**
 * A SPDY/3.1 connection over an upgraded socket, as kubectl before 1.31, `kubectl port-forward` and container runtimes'
 * streaming servers speak it. Streams that the peer opens are accepted at once and handed to `onStream`.
 */
export class SpdyConnection {
  readonly #socket: Duplex
  readonly #onStream: (stream: SpdyStream) => void
  readonly #streams = new Map<number, SpdyStream>()
  readonly #replies = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  readonly #writer = new HeaderWriter()
  readonly #reader = new HeaderReader()
  #nextId: number
  #lastPeerId = 0
  #closed = false
  #lost = false
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>
  #markClosed: () => void = () => {}

  constructor(
    socket: Duplex,
    options: { role: 'client' | 'server'; onStream?: (stream: SpdyStream) => void; head?: Buffer },
  ) {
    this.#socket = socket
    this.#onStream = options.onStream ?? ((stream) => stream.reset())
    this.#nextId = options.role === 'client' ? 1 : 2
    this.closed = new Promise((resolve) => (this.#markClosed = resolve))
    // The socket may close while frames that came before are still being read: the reading ends the connection.
    socket.on('error', () => this.#lose())
    socket.on('close', () => this.#lose())
    if (options.head?.length) socket.unshift(options.head)
    void this.#readLoop()
  }

  /** Opens a stream and waits for the peer's consent. */
  async createStream(headers: Headers): Promise<SpdyStream> {
    if (this.#closed) throw new Error('SPDY connection is closed')
    const stream = new SpdyStream(this, this.#nextId, headers)
    this.#nextId += 2
    this.#streams.set(stream.id, stream)
    const replied = new Promise<void>((resolve, reject) => this.#replies.set(stream.id, { resolve, reject }))
    this.send(synStreamFrame(stream.id, false, this.#writer.encode(headers)))
    await replied
    return stream
  }

  send(frame: Buffer, done?: (error?: Error | null) => void): void {
    if (this.#closed || this.#socket.writableEnded || this.#socket.destroyed)
      done?.(new Error('SPDY connection is closed'))
    else this.#socket.write(frame, done)
  }

  forget(stream: SpdyStream): void {
    this.#streams.delete(stream.id)
  }

  /** Says goodbye and closes once what was written is out. */
  close(): void {
    if (this.#closed) return
    this.send(goAwayFrame(this.#lastPeerId))
    this.#socket.end()
  }

  async #readLoop(): Promise<void> {
    const frames = new FrameReader()
    try {
      for await (const chunk of this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        for (const frame of frames.push(chunk)) await this.#receive(frame)
      }
    } catch {
      // A broken peer or socket: the connection is over, its streams say so below.
    } finally {
      this.#end()
    }
  }

  async #receive(frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'data': {
        const stream = this.#streams.get(frame.streamId)
        if (stream === undefined) return
        const behind = stream.receive(frame.bytes, frame.fin)
        return this.#lost ? undefined : behind
      }
      case 'synStream': {
        const headers = await this.#reader.decode(frame.block)
        if (this.#streams.size >= maxStreams) return this.send(rstStreamFrame(frame.streamId, rstStatus.refusedStream))
        this.#lastPeerId = frame.streamId
        const stream = new SpdyStream(this, frame.streamId, headers)
        stream.on('error', () => {})
        this.#streams.set(stream.id, stream)
        this.send(synReplyFrame(stream.id, false, this.#writer.encode(new Map())))
        if (frame.fin) stream.push(null)
        return this.#onStream(stream)
      }
      case 'synReply': {
        await this.#reader.decode(frame.block)
        this.#replies.get(frame.streamId)?.resolve()
        this.#replies.delete(frame.streamId)
        if (frame.fin) this.#streams.get(frame.streamId)?.push(null)
        return
      }
      case 'headers':
        await this.#reader.decode(frame.block)
        if (frame.fin) this.#streams.get(frame.streamId)?.push(null)
        return
      case 'rstStream': {
        const refused = this.#replies.get(frame.streamId)
        this.#replies.delete(frame.streamId)
        refused?.reject(new Error('SPDY stream was refused'))
        this.#finish(this.#streams.get(frame.streamId))
        return
      }
      case 'ping':
        // A peer numbers its pings odd (client) or even (server); ours would have the other parity.
        return this.send(pingFrame(frame.id))
      case 'goAway':
      case 'ignored':
    }
  }

  /** What came before the end is still there to be read: servers reset a stream right after their last words. */
  #finish(stream: SpdyStream | undefined): void {
    if (stream === undefined) return
    this.#streams.delete(stream.id)
    stream.abandon()
  }

  /** Nothing more will come from the socket: no reader that lags may hold up the end. */
  #lose(): void {
    this.#lost = true
    for (const stream of this.#streams.values()) stream.release()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    for (const reply of this.#replies.values()) reply.reject(new Error('SPDY connection closed'))
    for (const stream of this.#streams.values()) this.#finish(stream)
    this.#streams.clear()
    this.#reader.close()
    this.#socket.destroy()
    this.#markClosed()
  }
}

const maxStreams = 1000
