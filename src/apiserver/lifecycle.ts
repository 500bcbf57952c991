import { type Clock, pause } from '../machinery/clock.ts'

/** Two hundred watches a second end at least (upstream's floor). */
const roundMs = 5

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

  /**
   * Ends watches: all at once, or one after the other within `graceMs`, so that not all of them come back to another server at
   * the same time (--shutdown-watch-termination-grace-period, apiserver pkg/server/genericapiserver.go).
   */
  async end(clock: Clock, graceMs: number): Promise<void> {
    const listeners = [...this.#listeners]
    const perRound = graceMs <= 0 ? listeners.length : Math.max(1, Math.ceil((listeners.length * roundMs) / graceMs))
    for (let at = 0; at < listeners.length; at += perRound) {
      if (at > 0) await pause(clock, roundMs)
      for (const listener of listeners.slice(at, at + perRound)) listener()
    }
    // Those that came meanwhile.
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
