import type { Clock } from '../machinery/clock.ts'
import {
  type Counter,
  type Family,
  type Gauge,
  goBuckets,
  type Histogram,
  type MetricsRegistry,
} from '../machinery/metrics.ts'

/** How often who holds a token was known already (apiserver pkg/authentication/token/cache/stats.go). */
export class TokenCacheMetrics {
  readonly #clock: Clock
  readonly #requests: Family<Counter>
  readonly #durations: Family<Histogram>
  readonly #fetches: Family<Counter>
  readonly #active: Family<Gauge>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const labels = ['status']
    const name = (what: string) => `authentication_token_cache_${what}`
    this.#clock = clock
    this.#requests = metrics.counter(name('request_total'), 'Tokens by whether they were known.', labels)
    this.#durations = metrics.histogram(
      name('request_duration_seconds'),
      'Time until it was known who holds a token.',
      goBuckets,
      labels,
    )
    this.#fetches = metrics.counter(name('fetch_total'), 'Questions who holds a token.', labels)
    this.#active = metrics.gauge(name('active_fetch_count'), 'Questions under way, and tokens that wait.', labels)
  }

  /** A token came that is known already, or not. */
  async asked<Answer>(known: boolean, answer: Answer | Promise<Answer>): Promise<Answer> {
    const began = this.#clock.monotonic()
    const status = known ? 'hit' : 'miss'
    const waiting = known ? undefined : this.#active.labels('blocked')
    waiting?.inc()
    try {
      return await answer
    } finally {
      waiting?.dec()
      this.#requests.labels(status).inc()
      this.#durations.labels(status).observe((this.#clock.monotonic() - began) / 1000)
    }
  }

  /** Whoever knows is asked. */
  async fetch<Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> {
    const active = this.#active.labels('in_flight')
    active.inc()
    let status = 'error'
    try {
      const answer = await ask()
      status = 'ok'
      return answer
    } finally {
      active.dec()
      this.#fetches.labels(status).inc()
    }
  }
}
