import type { Writable } from 'node:stream'
import type { ByteSink } from './exchange.ts'

/** The body of an answer, piece by piece, over either protocol. */
export class StreamSink implements ByteSink {
  readonly writable: Writable
  readonly #cancel: () => void

  constructor(writable: Writable, cancel: () => void) {
    this.writable = writable
    this.#cancel = cancel
  }

  get pendingBytes(): number {
    return this.writable.writableLength
  }

  write(chunk: Uint8Array): void {
    if (!this.writable.destroyed && !this.writable.writableEnded) this.writable.write(chunk)
  }

  drained(): Promise<void> {
    const { writable } = this
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

  end(): void {
    if (!this.writable.destroyed && !this.writable.writableEnded) this.writable.end()
  }

  destroy(): void {
    if (!this.writable.destroyed) this.#cancel()
  }
}
