import type { Clock } from '../../machinery/clock.ts'
import { goBuckets, type Histogram, type MetricsRegistry } from '../../machinery/metrics.ts'

/** How often, and how long, the runtime is asked for all that it has (pkg/kubelet/pleg/generic.go). */
export class RelistMetrics {
  readonly #clock: Clock
  readonly #duration: Histogram
  readonly #interval: Histogram
  readonly #lastSeen
  #last: number | undefined

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const name = (what: string) => `kubelet_pleg_${what}`
    this.#clock = clock
    this.#duration = metrics
      .histogram(name('relist_duration_seconds'), 'Time of lists of the runtime.', goBuckets)
      .labels()
    this.#interval = metrics
      .histogram(name('relist_interval_seconds'), 'Time between lists of the runtime.', goBuckets)
      .labels()
    this.#lastSeen = metrics.gauge(name('last_seen_seconds'), 'When the runtime last answered, in seconds since 1970.')
  }

  async list<Result>(ask: () => Promise<Result>): Promise<Result> {
    const began = this.#clock.monotonic()
    if (this.#last !== undefined) this.#interval.observe((began - this.#last) / 1000)
    this.#last = began
    const result = await ask()
    this.#duration.observe((this.#clock.monotonic() - began) / 1000)
    this.#lastSeen.labels().set(Math.floor(this.#clock.now() / 1000))
    return result
  }
}
