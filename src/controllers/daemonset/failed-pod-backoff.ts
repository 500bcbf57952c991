import type { Clock } from '../../machinery/clock.ts'

const firstMs = 1000
const longestMs = 15 * 60_000

interface Entry {
  delayMs: number
  updatedMs: number
}

/** Failed daemon pods of one node are deleted after 1 s, 2 s … 15 min, for the kubelet may refuse each of them. */
export class FailedPodBackoff {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }
  /** In how many ms the next one may be deleted. */
  waitMs(key: string): number {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#expired(entry)) return 0
    return Math.max(0, entry.updatedMs + entry.delayMs - this.#clock.monotonic())
  }
  killed(key: string): void {
    for (const [other, entry] of this.#entries) if (this.#expired(entry)) this.#entries.delete(other)
    const before = this.#entries.get(key)
    const delayMs = before === undefined ? firstMs : Math.min(before.delayMs * 2, longestMs)
    this.#entries.set(key, { delayMs, updatedMs: this.#clock.monotonic() })
  }
  #expired({ updatedMs }: Entry): boolean {
    return this.#clock.monotonic() - updatedMs > 2 * longestMs
  }
}
