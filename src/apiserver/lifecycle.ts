import type { Clock } from '../machinery/clock.ts'

/** Whether the server lives, and who wants to know when it stops. */
export class Lifecycle {
  failure: Error | undefined
  /** Told to stop: not ready any more, but everything is served as before. */
  stopping = false
  /** New requests are told to try again. */
  refusing = false
  readonly #listeners = new Set<() => void>()
  #inFlight = 0
  #drained: (() => void) | undefined

  fail(error: Error): void {
    if (!this.stopping) this.failure = error
  }

  onStop(callback: () => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  /** Ends watches. */
  end(): void {
    for (const listener of this.#listeners) listener()
  }

  /** A request that has an end of its own was received; the result is called when it was answered. */
  begin(): () => void {
    this.#inFlight++
    return () => {
      if (--this.#inFlight === 0) this.#drained?.()
    }
  }

  /** Resolves when all such requests were answered, or `limitMs` are over. */
  drained(clock: Clock, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(limitMs, resolve, { keepsAlive: true })
      this.#drained = () => {
        cancel()
        resolve()
      }
      if (this.#inFlight === 0) this.#drained()
    })
  }
}
