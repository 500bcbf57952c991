import type { Clock } from '../../machinery/clock.ts'
import { traced } from '../../machinery/tracing/span.ts'
import type { Counter, Family, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'

const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

export type StoreOperation = 'create' | 'update' | 'delete' | 'list'
/** Where a list came from: the cache, or the store's history. */
export type ListSource = 'watchcache' | 'etcd'

/** What is asked of the store, and read from its caches (apiserver pkg/storage/{etcd3,cacher}/metrics). */
export class StorageMetrics {
  readonly clock: Clock
  readonly requests: Family<Counter>
  readonly requestSeconds: Family<Histogram>
  readonly failures: Family<Counter>
  readonly lists: Family<Counter>
  readonly listSeconds: Family<Histogram>
  readonly listFetched: Family<Counter>
  readonly listEvaluated: Family<Counter>
  readonly listReturned: Family<Counter>
  readonly consistentReads: Family<Counter>
  readonly readWaits: Family<Histogram>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.clock = clock
    const asked = ['operation', 'group', 'resource']
    // The names say etcd whatever the store is: so do those who ask for them.
    this.requests = metrics.counter('etcd_requests_total', 'Requests to the store.', asked)
    this.requestSeconds = metrics.histogram(
      'etcd_request_duration_seconds',
      'Time of requests to the store, until what they wrote was durable.',
      seconds,
      asked,
    )
    this.failures = metrics.counter('etcd_request_errors_total', 'Requests to the store that failed.', asked)
    const from = ['group', 'resource', 'storage']
    const indexed = ['group', 'resource', 'index', 'storage']
    this.lists = metrics.counter('apiserver_storage_list_total', 'Lists, by where they were read from.', indexed)
    this.listSeconds = metrics.histogram(
      'apiserver_storage_list_duration_seconds',
      'Time of lists of the store.',
      seconds,
      ['group', 'resource', 'streamed'],
    )
    this.listFetched = metrics.counter(
      'apiserver_storage_list_fetched_objects_total',
      'Objects that were read for lists.',
      indexed,
    )
    this.listEvaluated = metrics.counter(
      'apiserver_storage_list_evaluated_objects_total',
      'Objects from the store’s history that were held against the selectors of lists.',
      from,
    )
    this.listReturned = metrics.counter(
      'apiserver_storage_list_returned_objects_total',
      'Objects that lists were answered with.',
      from,
    )
    this.consistentReads = metrics.counter(
      'apiserver_watch_cache_consistent_read_total',
      'Reads of the newest state that the cache answered.',
      ['group', 'resource', 'success', 'fallback'],
    )
    this.readWaits = metrics.histogram(
      'apiserver_watch_cache_read_wait_seconds',
      'Time that reads waited until the cache was as new as the store.',
      [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3],
      ['group', 'resource'],
    )
  }

  of(group: string, resource: string): ResourceStorageMetrics {
    return new ResourceStorageMetrics(this, group, resource)
  }
}

/** As upstream calls them (storage/etcd3/store.go), whatever the store is. */
const spanNames: Readonly<Record<StoreOperation, string>> = {
  create: 'Create etcd3',
  update: 'GuaranteedUpdate etcd3',
  delete: 'Delete etcd3',
  list: 'List(recursive=true) etcd3',
}

/** The series of one resource. */
export class ResourceStorageMetrics {
  readonly #all: StorageMetrics
  readonly #group: string
  readonly #resource: string
  readonly #operations = new Map<StoreOperation, { readonly count: Counter; readonly seconds: Histogram }>()
  #wait: Histogram | undefined
  #consistent: Counter | undefined

  constructor(all: StorageMetrics, group: string, resource: string) {
    this.#all = all
    this.#group = group
    this.#resource = resource
  }

  /** Asks, measured and as a part of the trace. */
  asked<Result>(operation: StoreOperation, ask: () => Promise<Result>): Promise<Result> {
    const attributes = () => ({ group: this.#group, resource: this.#resource })
    return traced(spanNames[operation], attributes, () => this.#measured(operation, ask()), 'client')
  }

  async #measured<Result>(operation: StoreOperation, asking: Promise<Result>): Promise<Result> {
    const began = this.#all.clock.monotonic()
    let series = this.#operations.get(operation)
    if (series === undefined) {
      const values = [operation, this.#group, this.#resource]
      series = { count: this.#all.requests.labels(...values), seconds: this.#all.requestSeconds.labels(...values) }
      this.#operations.set(operation, series)
    }
    try {
      return await asking
    } catch (error) {
      this.#all.failures.labels(operation, this.#group, this.#resource).inc()
      throw error
    } finally {
      const took = (this.#all.clock.monotonic() - began) / 1000
      series.count.inc()
      series.seconds.observe(took)
      if (operation === 'list') this.#all.listSeconds.labels(this.#group, this.#resource, 'false').observe(took)
    }
  }

  now(): number {
    return this.#all.clock.monotonic()
  }
  /** Waited from `began`, as {@link now} has it, until the cache was fresh. */
  waitedSince(began: number): void {
    this.#wait ??= this.#all.readWaits.labels(this.#group, this.#resource)
    this.#wait.observe((this.#all.clock.monotonic() - began) / 1000)
  }

  listed(source: ListSource, index: string, fetched: number, returned: number): void {
    const values = [this.#group, this.#resource]
    this.#all.lists.labels(...values, index, source).inc()
    this.#all.listFetched.labels(...values, index, source).inc(fetched)
    this.#all.listEvaluated.labels(...values, source).inc(source === 'etcd' ? fetched : 0)
    this.#all.listReturned.labels(...values, source).inc(returned)
  }

  consistentRead(): void {
    this.#consistent ??= this.#all.consistentReads.labels(this.#group, this.#resource, 'true', 'false')
    this.#consistent.inc()
  }
}
