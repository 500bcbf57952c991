import type { Writable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import type { ByteSink } from './exchange.ts'
import type { SharedBytes } from './shared-bytes.ts'

/** The body of an answer, piece by piece, over either protocol. */
export class StreamSink implements ByteSink {
  readonly writable: Writable
  readonly #cancel: () => void

  constructor(writable: Writable, cancel: () => void) {
    this.writable = writable
    this.#cancel = cancel
  }

  write(chunk: Uint8Array): void {
    if (!this.writable.destroyed && !this.writable.writableEnded) this.writable.write(chunk)
  }

  send(chunk: Uint8Array): Promise<void> {
    const { writable } = this
    if (writable.destroyed || writable.writableEnded) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        writable.off('close', done)
        resolve()
      }
      writable.on('close', done)
      writable.write(chunk, done)
    })
  }

  writeShared({ bytes }: SharedBytes): void {
    this.write(bytes)
  }

  get full(): boolean {
    return this.writable.writableNeedDrain
  }

  drained(): Promise<void> {
    return drained(this.writable)
  }

  end(): void {
    if (!this.writable.destroyed && !this.writable.writableEnded) this.writable.end()
  }

  destroy(): void {
    if (!this.writable.destroyed) this.#cancel()
  }
}

/** The body of an answer over HTTP/1.1 whose chunks many readers share: they go past the response, straight to its socket. */
export class ChunkSink extends StreamSink {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    super(response, () => response.destroy())
    this.#response = response
  }

  override writeShared(shared: SharedBytes): void {
    const { socket, chunkedEncoding, destroyed, writableEnded } = this.#response
    if (destroyed || writableEnded || socket === null) return
    // HTTP/1.0 knows no chunks.
    socket.write(chunkedEncoding ? shared.chunk : shared.bytes)
  }

  override get full(): boolean {
    return this.#response.socket?.writableNeedDrain ?? false
  }

  override drained(): Promise<void> {
    const { socket } = this.#response
    return socket === null ? Promise.resolve() : drained(socket)
  }
}

function drained(writable: Writable): Promise<void> {
  if (!writable.writableNeedDrain || writable.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      writable.off('drain', done)
      writable.off('close', done)
      resolve()
    }
    writable.on('drain', done)
    writable.on('close', done)
  })
}
