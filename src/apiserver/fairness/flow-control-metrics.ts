import type { Demand } from './seat-demand.ts'
import type { Counter, Family, Gauge, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'

/** Why a request was sent away (util/flowcontrol/metrics). */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out'

const flowLabels = ['flow_schema', 'priority_level'] as const
const waits = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

/** The seats of a priority level: those it has by its share, those it keeps for itself, those it may reach, has now and was to have. */
export interface LevelSeats {
  readonly level: string
  readonly nominal: number
  readonly lower: number
  readonly upper: number
  readonly current: number
  readonly target: number
  /** Of the last ten seconds. */
  readonly demand: Demand
}

/** What is counted of priority and fairness, under upstream's names (apiserver pkg/util/flowcontrol/metrics). */
export class FlowControlMetrics {
  readonly #families: Families
  readonly #flows = new Map<string, FlowSeries>()

  /** `seats`: the seats of each priority level as they are; `fairFraction`: what part of its target a level has. */
  constructor(metrics: MetricsRegistry, seats: () => Iterable<LevelSeats>, fairFraction: () => number) {
    this.#families = declareFamilies(metrics)
    const perLevel = (name: string, help: string, read: (seats: LevelSeats) => number) =>
      metrics.collect(`apiserver_flowcontrol_${name}`, help, 'gauge', ['priority_level'], function* () {
        for (const each of seats()) yield [[each.level], read(each)] as const
      })
    perLevel('nominal_limit_seats', 'Seats that a level has by its share.', ({ nominal }) => nominal)
    perLevel('lower_limit_seats', 'Seats that a level lends to nobody.', ({ lower }) => lower)
    perLevel('upper_limit_seats', 'Seats that a level may have with all that it may borrow.', ({ upper }) => upper)
    perLevel('current_limit_seats', 'Seats that a level has now, with what it has borrowed.', ({ current }) => current)
    perLevel('target_seats', 'Seats that a level was to have.', ({ target }) => target)
    const demand = (name: string, help: string, read: (demand: Demand) => number) =>
      perLevel(`demand_seats_${name}`, help, (level) => read(level.demand))
    demand('high_watermark', 'The most seats that a level could have used.', ({ highWatermark }) => highWatermark)
    demand('average', 'How many seats a level could have used.', ({ average }) => average)
    demand('stdev', 'How much that went up and down.', ({ deviation }) => deviation)
    demand('smoothed', 'How many seats a level will need, by what it needed.', ({ smoothed }) => smoothed)
    metrics.collect('apiserver_flowcontrol_seat_fair_frac', 'What part of its target a level has.', 'gauge', [], () => [
      [[], fairFraction()],
    ])
  }

  /** A request was given its seats, after waiting so long; the result is called when it is through. */
  began(schema: string, level: string, seats: number, waitedSeconds: number): (seconds: number) => void {
    const series = this.#flow(schema, level)
    series.dispatched.inc()
    series.waits.observe(waitedSeconds)
    series.estimated.observe(seats)
    series.executing.inc()
    series.executingSeats.inc(seats)
    return (seconds) => {
      series.executing.dec()
      series.executingSeats.dec(seats)
      series.execution.observe(seconds)
    }
  }

  /** A request waits; the result is called when it does so no longer. */
  waits(schema: string, level: string, seats: number): () => void {
    const { waiting, waitingSeats } = this.#flow(schema, level)
    waiting.inc()
    waitingSeats.inc(seats)
    return () => {
      waiting.dec()
      waitingSeats.dec(seats)
    }
  }

  rejected(schema: string, level: string, reason: Rejection): void {
    this.#families.rejected.labels(schema, level, reason).inc()
  }

  #flow(schema: string, level: string): FlowSeries {
    const key = `${schema} ${level}`
    let series = this.#flows.get(key)
    if (series === undefined) this.#flows.set(key, (series = flowSeries(this.#families, schema, level)))
    return series
  }
}

type FlowSeries = ReturnType<typeof flowSeries>

function flowSeries(families: Families, schema: string, level: string) {
  return {
    dispatched: families.dispatched.labels(schema, level),
    executing: families.executing.labels(schema, level),
    executingSeats: families.executingSeats.labels(schema, level),
    waiting: families.waiting.labels(schema, level),
    waitingSeats: families.waitingSeats.labels(schema, level),
    estimated: families.estimated.labels(schema, level),
    waits: families.waits.labels(schema, level, 'true'),
    execution: families.execution.labels(schema, level, 'regular'),
  }
}

interface Families {
  readonly dispatched: Family<Counter>
  readonly rejected: Family<Counter>
  readonly executing: Family<Gauge>
  readonly executingSeats: Family<Gauge>
  readonly waiting: Family<Gauge>
  readonly waitingSeats: Family<Gauge>
  readonly estimated: Family<Histogram>
  readonly waits: Family<Histogram>
  readonly execution: Family<Histogram>
}

function declareFamilies(metrics: MetricsRegistry): Families {
  const counter = (name: string, help: string, more: readonly string[] = []) =>
    metrics.counter(`apiserver_flowcontrol_${name}`, help, [...flowLabels, ...more])
  const gauge = (name: string, help: string) => metrics.gauge(`apiserver_flowcontrol_${name}`, help, flowLabels)
  const histogram = (name: string, help: string, buckets: readonly number[], more: readonly string[] = []) =>
    metrics.histogram(`apiserver_flowcontrol_${name}`, help, buckets, [...flowLabels, ...more])
  return {
    dispatched: counter('dispatched_requests_total', 'Requests that were given seats.'),
    rejected: counter('rejected_requests_total', 'Requests that were sent away.', ['reason']),
    executing: gauge('current_executing_requests', 'Requests that have seats.'),
    executingSeats: gauge('current_executing_seats', 'Seats that requests have.'),
    waiting: gauge('current_inqueue_requests', 'Requests that wait for seats.'),
    waitingSeats: gauge('current_inqueue_seats', 'Seats that requests wait for.'),
    estimated: histogram('work_estimated_seats', 'Seats that requests need.', [1, 2, 4, 8, 16, 32, 64, 100]),
    waits: histogram('request_wait_duration_seconds', 'Time that requests waited for seats.', waits, ['execute']),
    execution: histogram('request_execution_seconds', 'Time that requests had seats.', waits, ['type']),
  }
}
