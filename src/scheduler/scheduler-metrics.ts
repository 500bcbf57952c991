import type { Clock } from '../machinery/clock.ts'
import type { Counter, Family, Histogram, MetricsRegistry } from '../machinery/metrics.ts'
import type { QueueName } from './queue/scheduling-queue.ts'

/** `first`, twice as much, and so on. */
const doubling = (first: number, count: number) => Array.from({ length: count }, (_, at) => first * 2 ** at)

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** What the scheduler holds, asked when it is told. */
export interface SchedulerState {
  readonly queue: () => {
    readonly active: number
    readonly backoff: number
    readonly unschedulable: number
    readonly gated: number
  }
  readonly cache: () => { readonly nodes: number; readonly pods: number; readonly assumed: number }
  /** Pods that were popped, and are neither bound nor back. */
  readonly inFlight: () => number
  /** Bindings under way. */
  readonly binding: () => number
  /** Parked pods by who keeps them out and the profile that they want. */
  readonly rejected: () => Iterable<readonly [plugin: string, profile: string, pods: number]>
}

/** What is counted and measured of scheduling, under upstream's names (pkg/scheduler/metrics). */
export class SchedulerMetrics {
  readonly #attempts: Family<Counter>
  readonly #attemptSeconds: Family<Histogram>
  readonly #algorithmSeconds: Histogram
  readonly #podAttempts: Histogram
  readonly #podSeconds: Family<Histogram>
  readonly #preemptions: Counter
  readonly #victims: Histogram
  readonly #incoming: Family<Counter>
  readonly #incomingEntities: Family<Counter>
  readonly #afterFlush: Counter
  readonly #eventSeconds: Family<Histogram>
  readonly #registry: MetricsRegistry
  readonly #clock: Clock

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#registry = metrics
    this.#clock = clock
    const result = ['result', 'profile']
    const histogram = (name: string, help: string, buckets: readonly number[], labels: readonly string[] = []) =>
      metrics.histogram(`scheduler_${name}`, help, buckets, labels)
    this.#attempts = metrics.counter('scheduler_schedule_attempts_total', 'Attempts by what came of them.', result)
    this.#attemptSeconds = histogram(
      'scheduling_attempt_duration_seconds',
      'Time of attempts, with the binding.',
      doubling(0.001, 15),
      result,
    )
    this.#algorithmSeconds = histogram(
      'scheduling_algorithm_duration_seconds',
      'Time until a node was found.',
      doubling(0.001, 15),
    ).labels()
    this.#podAttempts = histogram(
      'pod_scheduling_attempts',
      'Attempts that it took until a pod was bound.',
      doubling(1, 5),
    ).labels()
    this.#podSeconds = histogram(
      'pod_scheduling_sli_duration_seconds',
      'Time from a pod’s coming into the queue to its binding.',
      doubling(0.01, 20),
      ['attempts'],
    )
    this.#preemptions = metrics
      .counter('scheduler_preemption_attempts_total', 'Attempts to make room by preemption.')
      .labels()
    this.#victims = histogram('preemption_victims', 'Pods that had to make room at once.', doubling(1, 7)).labels()
    this.#incoming = metrics.counter('scheduler_queue_incoming_pods_total', 'Pods that came into a queue, and why.', [
      'queue',
      'event',
    ])
    this.#incomingEntities = metrics.counter(
      'scheduler_queue_incoming_entities_total',
      'What came into a queue, and why; here: pods.',
      ['queue', 'event', 'type'],
    )
    this.#eventSeconds = histogram(
      'event_handling_duration_seconds',
      'Time that it took to take in what happened.',
      doubling(0.0001, 12),
      ['event'],
    )
    this.#afterFlush = metrics
      .counter(
        'scheduler_pod_scheduled_after_flush_total',
        'Pods that were bound once they were tried again merely for having waited long.',
      )
      .labels()
  }

  /** Tells what is there as well, from now on. */
  follow(state: SchedulerState): void {
    const gauge = (
      name: string,
      help: string,
      labels: readonly string[],
      read: () => Iterable<readonly [readonly string[], number]>,
    ) => this.#registry.collect(`scheduler_${name}`, help, 'gauge', labels, read)
    gauge('pending_pods', 'Pods that wait, by queue.', ['queue'], () => {
      const { active, backoff, unschedulable, gated } = state.queue()
      return [
        [['active'], active],
        [['backoff'], backoff],
        [['gated'], gated],
        [['unschedulable'], unschedulable],
      ]
    })
    gauge('queued_entities', 'What waits, by queue; here: pods.', ['queue', 'type'], () => {
      const { active, backoff, unschedulable } = state.queue()
      return [
        [['active', 'pod'], active],
        [['backoff', 'pod'], backoff],
        [['unschedulable', 'pod'], unschedulable],
      ]
    })
    gauge('inflight_events', 'Pods that were taken from the queue and are neither bound nor back.', ['event'], () => [
      [['PodPopped'], state.inFlight()],
    ])
    gauge('goroutines', 'What goes on beside the cycle; here: bindings.', ['operation'], () => [
      [['binding'], state.binding()],
    ])
    gauge('cache_size', 'What the cache holds.', ['type'], () => {
      const { nodes, pods, assumed } = state.cache()
      return [
        [['assumed_pods'], assumed],
        [['nodes'], nodes],
        [['pods'], pods],
      ]
    })
    gauge('unschedulable_pods', 'Pods that plugins keep out.', ['plugin', 'profile'], function* () {
      for (const [plugin, profile, pods] of state.rejected()) yield [[plugin, profile], pods] as const
    })
  }

  attempted(result: AttemptResult, profile: string, seconds: number): void {
    this.#attempts.labels(result, profile).inc()
    this.#attemptSeconds.labels(result, profile).observe(seconds)
  }
  found(seconds: number): void {
    this.#algorithmSeconds.observe(seconds)
  }
  bound(attempts: number, seconds: number, afterFlush: boolean): void {
    this.#podAttempts.observe(attempts)
    this.#podSeconds.labels(attempts >= 15 ? '15+' : String(attempts)).observe(seconds)
    if (afterFlush) this.#afterFlush.inc()
  }
  /** Takes in what happened, `event` in upstream's words. */
  handling(event: string, handle: () => void): void {
    const began = this.#clock.monotonic()
    handle()
    this.#eventSeconds.labels(event).observe((this.#clock.monotonic() - began) / 1000)
  }
  preempts(): void {
    this.#preemptions.inc()
  }
  victims(count: number): void {
    this.#victims.observe(count)
  }
  incoming(queue: QueueName, event: string): void {
    this.#incoming.labels(queue, event).inc()
    this.#incomingEntities.labels(queue, event, 'pod').inc()
  }
}
