import type { Clock } from '../../machinery/clock.ts'
import { goBuckets, type Histogram, type MetricsRegistry } from '../../machinery/metrics.ts'

/** What rules of custom resources take (apiserver pkg/cel/metrics; apiextensions pkg/apiserver/validation/metrics). */
export class RuleMetrics {
  readonly #clock: Clock
  readonly #compilations: Histogram
  readonly #evaluations: Histogram
  readonly #ratcheting: Histogram

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const histogram = (name: string, help: string, buckets: readonly number[]) =>
      metrics.histogram(name, help, buckets).labels()
    this.#clock = clock
    this.#compilations = histogram('apiserver_cel_compilation_duration_seconds', 'Time of compiling rules.', goBuckets)
    this.#evaluations = histogram('apiserver_cel_evaluation_duration_seconds', 'Time of asking rules.', goBuckets)
    this.#ratcheting = histogram(
      'apiextensions_apiserver_validation_ratcheting_seconds',
      'Time of holding an object against what it was before.',
      Array.from({ length: 10 }, (_, at) => 0.00001 * 4 ** at),
    )
  }

  compile<Result>(work: () => Result): Result {
    return this.#timed(this.#compilations, work)
  }
  evaluate<Result>(work: () => Result): Result {
    return this.#timed(this.#evaluations, work)
  }
  ratchet<Result>(work: () => Result): Result {
    return this.#timed(this.#ratcheting, work)
  }

  #timed<Result>(duration: Histogram, work: () => Result): Result {
    const began = this.#clock.monotonic()
    try {
      return work()
    } finally {
      duration.observe((this.#clock.monotonic() - began) / 1000)
    }
  }
}
