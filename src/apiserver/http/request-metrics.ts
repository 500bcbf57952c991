import type { Counter, Family, Gauge, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import type { Query } from '../routing/query.ts'
import type { RequestInfo } from '../routing/request-info.ts'

interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const
const durations = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const component = 'apiserver'

/** What is counted and measured of requests, under upstream's names (apiserver pkg/endpoints/metrics/metrics.go). */
export class RequestMetrics {
  readonly #total: Family<Counter>
  readonly #seconds: Family<Histogram>
  readonly #indicator: Family<Histogram>
  readonly #bodies: Family<Histogram>
  readonly #longRunning: Family<Gauge>
  readonly #inflight: Family<Gauge>
  readonly #terminated: Family<Counter>
  readonly #watchEvents: Family<Counter>
  readonly #watchEventSizes: Family<Histogram>

  constructor(metrics: MetricsRegistry) {
    this.#total = metrics.counter(
      'apiserver_request_total',
      'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'code'],
    )
    this.#seconds = metrics.histogram(
      'apiserver_request_duration_seconds',
      'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
      durations,
      ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'],
    )
    this.#indicator = metrics.histogram(
      'apiserver_request_sli_duration_seconds',
      'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
      durations.slice(2),
      labels,
    )
    this.#bodies = metrics.histogram(
      'apiserver_request_body_size_bytes',
      'Apiserver request body size in bytes broken out by resource and verb.',
      Array.from({ length: 31 }, (_, index) => 50_000 + index * 100_000),
      ['group', 'resource', 'verb'],
    )
    this.#longRunning = metrics.gauge(
      'apiserver_longrunning_requests',
      'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.',
      labels,
    )
    this.#inflight = metrics.gauge(
      'apiserver_current_inflight_requests',
      'Currently used inflight request limit of this apiserver per request kind.',
      ['request_kind'],
    )
    const watched = ['group', 'resource', 'version'] as const
    this.#watchEvents = metrics.counter(
      'apiserver_watch_events_total',
      'Number of events sent in watch clients',
      watched,
    )
    this.#watchEventSizes = metrics.histogram(
      'apiserver_watch_events_sizes',
      'Watch event size distribution in bytes',
      [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072],
      watched,
    )
    this.#terminated = metrics.counter(
      'apiserver_request_terminations_total',
      'Number of requests which apiserver terminated in self-defense.',
      [...labels, 'code'],
    )
  }

  /** Events of a watch, as they are handed to its connection. */
  watchEvents({ group, version, resource }: GroupVersionResource): (frameBytes: number) => void {
    const total = this.#watchEvents.labels(group, resource, version)
    const sizes = this.#watchEventSizes.labels(group, resource, version)
    return (bytes) => {
      total.inc()
      sizes.observe(bytes)
    }
  }

  /** A request was received; the result is called with its status when it was answered. */
  begin(info: RequestInfo, query: Query, longRunning: boolean, bodyBytes = 0): (code: number, seconds: number) => void {
    const verb = verbOf(info)
    const dryRun = query.all('dryRun').join(',')
    const { apiGroup, apiVersion, resource, subresource } = info
    const scope = scopeOf(info)
    const gauge = longRunning
      ? this.#longRunning.labels(verb, apiGroup, apiVersion, resource, subresource, scope, component)
      : this.#inflight.labels(readOnly.has(info.verb) ? 'readOnly' : 'mutating')
    gauge.inc()
    return (code, seconds) => {
      gauge.dec()
      this.#total
        .labels(verb, dryRun, apiGroup, apiVersion, resource, subresource, scope, component, String(code))
        .inc()
      if (bodyBytes > 0) this.#bodies.labels(apiGroup, resource, info.verb).observe(bodyBytes)
      if (longRunning) return
      this.#indicator.labels(verb, apiGroup, apiVersion, resource, subresource, scope, component).observe(seconds)
      this.#seconds.labels(verb, dryRun, apiGroup, apiVersion, resource, subresource, scope, component).observe(seconds)
    }
  }

  terminated(info: RequestInfo, code: number): void {
    const { apiGroup, apiVersion, resource, subresource } = info
    this.#terminated
      .labels(verbOf(info), apiGroup, apiVersion, resource, subresource, scopeOf(info), component, String(code))
      .inc()
  }
}

const readOnly: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const verbs: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  post: 'POST',
  put: 'PUT',
  head: 'GET',
}

function verbOf(info: RequestInfo): string {
  if (connects.has(info.subresource)) return 'CONNECT'
  return verbs[info.verb] ?? 'other'
}

const connects: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Watches and streams, which have no end of their own (server/filters/longrunning.go). */
export function isLongRunning(info: RequestInfo): boolean {
  if (info.verb === 'watch' || info.verb === 'proxy') return true
  if (info.resourceRequest) return connects.has(info.subresource)
  return info.path.startsWith('/debug/pprof/')
}

/** CleanScope */
function scopeOf(info: RequestInfo): string {
  if (info.name !== '' || info.verb === 'create') return 'resource'
  if (info.namespace !== '') return 'namespace'
  return info.resourceRequest ? 'cluster' : ''
}
