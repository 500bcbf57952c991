import type { Counter, Family, Gauge, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'

/** Why a request was sent away (util/flowcontrol/metrics). */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out'

const flowLabels = ['flow_schema', 'priority_level'] as const
const waits = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

/** What is counted of priority and fairness, under upstream's names (apiserver pkg/util/flowcontrol/metrics). */
export class FlowControlMetrics {
  readonly #dispatched: Family<Counter>
  readonly #rejected: Family<Counter>
  readonly #executing: Family<Gauge>
  readonly #executingSeats: Family<Gauge>
  readonly #waiting: Family<Gauge>
  readonly #waits: Family<Histogram>

  /** `limits`: the seats of each priority level as they are. */
  constructor(metrics: MetricsRegistry, limits: () => Iterable<readonly [level: string, seats: number]>) {
    this.#dispatched = metrics.counter(
      'apiserver_flowcontrol_dispatched_requests_total',
      'Number of requests executed by API Priority and Fairness subsystem',
      flowLabels,
    )
    this.#rejected = metrics.counter(
      'apiserver_flowcontrol_rejected_requests_total',
      'Number of requests rejected by API Priority and Fairness subsystem',
      [...flowLabels, 'reason'],
    )
    this.#executing = metrics.gauge(
      'apiserver_flowcontrol_current_executing_requests',
      'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
      flowLabels,
    )
    this.#executingSeats = metrics.gauge(
      'apiserver_flowcontrol_current_executing_seats',
      'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
      flowLabels,
    )
    this.#waiting = metrics.gauge(
      'apiserver_flowcontrol_current_inqueue_requests',
      'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
      flowLabels,
    )
    this.#waits = metrics.histogram(
      'apiserver_flowcontrol_request_wait_duration_seconds',
      'Length of time a request spent waiting in its queue',
      waits,
      [...flowLabels, 'execute'],
    )
    metrics.collect(
      'apiserver_flowcontrol_nominal_limit_seats',
      'Nominal number of execution seats configured for each priority level',
      'gauge',
      ['priority_level'],
      function* () {
        for (const [level, seats] of limits()) yield [[level], seats] as const
      },
    )
  }

  /** A request was given its seats, after waiting so long; the result is called when it is through. */
  began(schema: string, level: string, seats: number, waitedSeconds: number): () => void {
    this.#dispatched.labels(schema, level).inc()
    this.#waits.labels(schema, level, 'true').observe(waitedSeconds)
    const executing = this.#executing.labels(schema, level)
    const executingSeats = this.#executingSeats.labels(schema, level)
    executing.inc()
    executingSeats.inc(seats)
    return () => {
      executing.dec()
      executingSeats.dec(seats)
    }
  }

  /** A request waits; the result is called when it does so no longer. */
  waits(schema: string, level: string): () => void {
    const waiting = this.#waiting.labels(schema, level)
    waiting.inc()
    return () => waiting.dec()
  }

  rejected(schema: string, level: string, reason: Rejection): void {
    this.#rejected.labels(schema, level, reason).inc()
  }
}
