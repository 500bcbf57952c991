import type { ResourceDefinition } from '../../api/definition.ts'
import type { Counter, Family, Gauge, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import type { Query } from '../routing/query.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import type { ResourceMap } from '../routing/resource-map.ts'
import { requestKey, requestKindOf, type RequestKind } from './request-kind.ts'

const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const
const durations = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const component = 'apiserver'

/** Told how a request ended. `responseBytes`: absent where nothing went over a wire. */
export type RequestEnd = (code: number, seconds: number, responseBytes?: number) => void

export interface RequestMetricsOptions {
  readonly metrics: MetricsRegistry
  readonly resources: ResourceMap
}

/** What is counted and measured of requests, under upstream's names (apiserver pkg/endpoints/metrics/metrics.go). */
export class RequestMetrics {
  readonly #families: Families
  readonly #resources: ResourceMap
  readonly #kinds = new Map<string, RequestSeries>()

  constructor({ metrics, resources }: RequestMetricsOptions) {
    this.#families = declareFamilies(metrics)
    this.#resources = resources
  }

  /** Events of a watch, as they are handed to its connection. */
  watchEvents({ group, version, resource }: ResourceDefinition): (frameBytes: readonly number[]) => void {
    const total = this.#families.watchEvents.labels(group, version, resource)
    const sizes = this.#families.watchEventSizes.labels(group, version, resource)
    return (frameBytes) => {
      total.inc(frameBytes.length)
      for (const bytes of frameBytes) sizes.observe(bytes)
    }
  }

  /** A watch has told all that was there when it began. */
  initialEventsTold({ group, version, resource }: ResourceDefinition, scope: string, seconds: number): void {
    this.#families.watchLists.labels(group, version, resource, scope).observe(seconds)
  }

  tlsHandshakeFailed(): void {
    this.#families.tlsErrors.labels().inc()
  }

  terminated(info: RequestInfo, code: number, contentType?: string): void {
    this.#families.terminated.labels(...valuesOf(requestKindOf(info, contentType, this.#resources)), String(code)).inc()
  }

  /** A request was received; the result is called when it was answered. */
  begin(info: RequestInfo, query: Query, longRunning: boolean, contentType?: string, bodyBytes = 0): RequestEnd {
    const series = this.#kinds.get(requestKey(info, contentType)) ?? this.#newSeries(info, contentType)
    const gauge = longRunning
      ? series.longRunning
      : this.#families.inflight[readOnly.has(info.verb) ? 'readOnly' : 'mutating']
    gauge.inc()
    const dryRun = dryRunOf(query)
    return (code, seconds, responseBytes) => {
      gauge.dec()
      series.ended(dryRun, code)
      if (bodyBytes > 0) series.bodies(info.verb).observe(bodyBytes)
      const asked = query.has('fieldValidation') ? fieldValidationOf(query) : ''
      if (asked !== '') this.#families.fieldValidation.labels(asked)
      if (longRunning) return
      series.seconds(dryRun).observe(seconds)
      if (dryRun === '') series.indicator.observe(seconds)
      if (responseBytes !== undefined && series.isRead) series.sizes.observe(responseBytes)
    }
  }

  /** The server asked itself. */
  selfRequest(info: RequestInfo): void {
    const { verb, group, resource, subresource } = requestKindOf(info, undefined, this.#resources)
    this.#families.selfRequests.labels(verb, group, resource, subresource).inc()
  }

  /** Those that are served are kept by what was asked; all others, however many, by what they have in common. */
  #newSeries(info: RequestInfo, contentType: string | undefined): RequestSeries {
    const kind = requestKindOf(info, contentType, this.#resources)
    const key = `${kind.verb}/${kind.group}/${kind.version}/${kind.resource}/${kind.subresource}/${kind.scope}`
    let series = this.#kinds.get(key)
    if (series === undefined) this.#kinds.set(key, (series = new RequestSeries(this.#families, kind)))
    return series
  }
}

/** The series of one kind of request, looked up by one key instead of by eight labels each. */
class RequestSeries {
  readonly isRead: boolean
  readonly #families: Families
  readonly #kind: RequestKind
  readonly #totals = new Map<string, Counter>()
  #deprecated: boolean
  #indicator: Histogram | undefined
  #sizes: Histogram | undefined
  #longRunning: Gauge | undefined
  readonly #seconds = new Map<string, Histogram>()

  constructor(families: Families, kind: RequestKind) {
    this.#families = families
    this.#kind = kind
    this.isRead = kind.verb === 'GET' || kind.verb === 'LIST'
    this.#deprecated = kind.definition !== undefined && kind.definition.deprecation !== undefined
  }

  ended(dryRun: string, code: number): void {
    const key = `${code} ${dryRun}`
    let total = this.#totals.get(key)
    if (total === undefined) {
      const [verb, ...rest] = valuesOf(this.#kind)
      total = this.#families.total.labels(verb, dryRun, ...rest, String(code))
      this.#totals.set(key, total)
    }
    total.inc()
    if (this.#deprecated) this.#tellDeprecated()
  }
  seconds(dryRun: string): Histogram {
    let series = this.#seconds.get(dryRun)
    if (series === undefined) {
      const [verb, ...rest] = valuesOf(this.#kind)
      this.#seconds.set(dryRun, (series = this.#families.seconds.labels(verb, dryRun, ...rest)))
    }
    return series
  }
  get indicator(): Histogram {
    return (this.#indicator ??= this.#families.indicator.labels(...valuesOf(this.#kind)))
  }
  get sizes(): Histogram {
    return (this.#sizes ??= this.#families.sizes.labels(...valuesOf(this.#kind)))
  }
  get longRunning(): Gauge {
    return (this.#longRunning ??= this.#families.longRunning.labels(...valuesOf(this.#kind)))
  }
  bodies(verb: string): Histogram {
    return this.#families.bodies.labels(this.#kind.group, this.#kind.resource, bodyVerbs.has(verb) ? verb : 'other')
  }

  #tellDeprecated(): void {
    this.#deprecated = false
    const { group, version, resource, subresource, definition } = this.#kind
    const removed = /unavailable in v(\d+\.\d+)/.exec(definition!.deprecation ?? '')?.[1] ?? ''
    this.#families.deprecated.labels(group, version, resource, subresource, removed).set(1)
  }
}

const readOnly: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const bodyVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', 'post'])

function valuesOf({ verb, group, version, resource, subresource, scope }: RequestKind) {
  return [verb, group, version, resource, subresource, scope, component] as const
}

/** cleanDryRun */
function dryRunOf(query: Query): string {
  const values = query.all('dryRun')
  if (values.length === 0) return ''
  return values.every((value) => value === 'All') ? 'All' : 'invalid'
}

const fieldValidations: ReadonlySet<string> = new Set(['', 'Ignore', 'Warn', 'Strict'])

/** cleanFieldValidation */
function fieldValidationOf(query: Query): string {
  const values = query.all('fieldValidation')
  return values.length === 1 && fieldValidations.has(values[0]!) ? values[0]! : 'invalid'
}

type Families = ReturnType<typeof declareFamilies>

function declareFamilies(metrics: MetricsRegistry) {
  const watched = ['group', 'version', 'resource'] as const
  const total: Family<Counter> = metrics.counter(
    'apiserver_request_total',
    'Requests by what they asked for and the code of their answer.',
    ['verb', 'dry_run', ...labels.slice(1), 'code'],
  )
  const inflight: Family<Gauge> = metrics.gauge(
    'apiserver_current_inflight_requests',
    'Requests under way that are not long-running, by whether they change something.',
    ['request_kind'],
  )
  const inflightOf = { mutating: inflight.labels('mutating'), readOnly: inflight.labels('readOnly') }
  const fieldValidation: Family<Histogram> = metrics.histogram(
    'field_validation_request_duration_seconds',
    'Which kinds of field validation were asked for. As upstream: nothing is observed.',
    durations.slice(2),
    ['field_validation'],
  )
  fieldValidation.labels('')
  return {
    total,
    inflight: inflightOf,
    seconds: metrics.histogram('apiserver_request_duration_seconds', 'Time from a request to its answer.', durations, [
      'verb',
      'dry_run',
      ...labels.slice(1),
    ]),
    indicator: metrics.histogram(
      'apiserver_request_sli_duration_seconds',
      'Time from a request to its answer, of those that were no dry run.',
      durations.slice(2),
      labels,
    ),
    fieldValidation,
    bodies: metrics.histogram(
      'apiserver_request_body_size_bytes',
      'Bytes of the bodies of requests.',
      Array.from({ length: 31 }, (_, index) => 50_000 + index * 100_000),
      ['group', 'resource', 'verb'],
    ),
    sizes: metrics.histogram(
      'apiserver_response_sizes',
      'Bytes of the answers to GET and LIST, as they went over the wire.',
      Array.from({ length: 7 }, (_, index) => 1000 * 10 ** index),
      labels,
    ),
    deprecated: metrics.gauge(
      'apiserver_requested_deprecated_apis',
      '1 for each deprecated API that somebody asked for since the start.',
      ['group', 'version', 'resource', 'subresource', 'removed_release'],
    ),
    longRunning: metrics.gauge(
      'apiserver_longrunning_requests',
      'Watches, logs and other connections that are open.',
      labels,
    ),
    selfRequests: metrics.counter('apiserver_selfrequest_total', 'Requests of the server to itself.', [
      'verb',
      'group',
      'resource',
      'subresource',
    ]),
    tlsErrors: metrics.counter('apiserver_tls_handshake_errors_total', 'TLS handshakes that failed.'),
    terminated: metrics.counter(
      'apiserver_request_terminations_total',
      'Requests that the server gave up to protect itself, e.g. after their time was over.',
      [...labels, 'code'],
    ),
    watchEvents: metrics.counter('apiserver_watch_events_total', 'Events that watches were sent.', watched),
    watchEventSizes: metrics.histogram(
      'apiserver_watch_events_sizes',
      'Bytes of the events that watches were sent.',
      Array.from({ length: 8 }, (_, index) => 1024 * 2 ** index),
      watched,
    ),
    watchLists: metrics.histogram(
      'apiserver_watch_list_duration_seconds',
      'Time until a watch that began with what was there had told it.',
      durations.slice(2),
      [...watched, 'scope'],
    ),
  }
}
