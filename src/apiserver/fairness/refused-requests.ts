import type { Clock } from '../../machinery/clock.ts'

const maxSeconds = 32

/**
 * After how many seconds those who were refused by a priority level are told to try again: twice as many when three times
 * that many were refused within so many seconds, one less when few were (apiserver pkg/util/flowcontrol
 * dropped_requests_tracker.go).
 */
export class RefusedRequests {
  readonly #clock: Clock
  readonly #levels = new Map<string, { retryAfter: number; raisedAt: number; counts: Map<number, number> }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A request of the level was refused. Answers with the seconds to tell. */
  refused(level: string): number {
    const second = Math.floor(this.#clock.now() / 1000)
    let known = this.#levels.get(level)
    if (known === undefined) this.#levels.set(level, (known = { retryAfter: 1, raisedAt: 0, counts: new Map() }))
    const { counts } = known
    const present = counts.get(second)
    if (present !== undefined) {
      counts.set(second, present + 1)
      return known.retryAfter
    }
    // The first of its second looks back.
    let recent = 0
    for (const [at, count] of counts) {
      if (second - at <= known.retryAfter) recent += count
      if (second - at > Math.min(maxSeconds, 2 * known.retryAfter)) counts.delete(at)
    }
    counts.set(second, 1)
    if (second - known.raisedAt >= known.retryAfter && recent >= 3 * known.retryAfter) {
      known.retryAfter = Math.min(maxSeconds, 2 * known.retryAfter)
      known.raisedAt = second
    } else if (recent < known.retryAfter && known.retryAfter > 1) known.retryAfter -= 1
    return known.retryAfter
  }
}
