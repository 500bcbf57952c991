import type { Clock } from '../../machinery/clock.ts'

interface Entry {
  delayMs: number
  lastUpdate: number
}

/**
 * Delays that double with each failure, by key (client-go util/flowcontrol/backoff.go). `forgetAfterMs`: an event that
 * much later than the last failure starts anew.
 */
export class BackOff {
  readonly #clock: Clock
  readonly #initialMs: number
  readonly #maxMs: number
  readonly #forgetAfterMs: number
  readonly #entries = new Map<string, Entry>()

  constructor(options: { clock: Clock; initialMs: number; maxMs: number; forgetAfterMs?: number }) {
    this.#clock = options.clock
    this.#initialMs = options.initialMs
    this.#maxMs = options.maxMs
    this.#forgetAfterMs = options.forgetAfterMs ?? 2 * options.maxMs
  }

  /** The present delay of the key; 0 when it has none. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0
  }
  /** Until when one has to wait after `since` (epoch ms), or undefined when the wait is over. */
  waitUntil(key: string, since: number): number | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#forgotten(entry, since)) return undefined
    const end = since + entry.delayMs
    return this.#clock.now() < end ? end : undefined
  }
  /** Until when one has to wait after the last failure. */
  waitUntilSinceFailure(key: string): number | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#forgotten(entry, this.#clock.now())) return undefined
    const end = entry.lastUpdate + entry.delayMs
    return this.#clock.now() < end ? end : undefined
  }
  /** Counts a failure that happened at `since`. */
  next(key: string, since: number): void {
    const entry = this.#entries.get(key)
    const delayMs =
      entry === undefined || this.#forgotten(entry, since) ? this.#initialMs : Math.min(entry.delayMs * 2, this.#maxMs)
    this.#entries.set(key, { delayMs, lastUpdate: this.#clock.now() })
  }
  /** Drops all that is over for good. */
  collect(): void {
    const now = this.#clock.now()
    for (const [key, entry] of this.#entries) if (this.#forgotten(entry, now)) this.#entries.delete(key)
  }
  delete(key: string): void {
    this.#entries.delete(key)
  }
  #forgotten(entry: Entry, since: number): boolean {
    return since - entry.lastUpdate > this.#forgetAfterMs
  }
}
