import type { EndpointSlice } from '../api/types.generated.ts'
import type { Clock } from '../machinery/clock.ts'
import type { MetricsRegistry } from '../machinery/metrics.ts'
import type { Family } from './service-port.ts'

const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time'
const syncBuckets = Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at)
const steps = (first: number, step: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + step * at)
const programmingBuckets = [0.25, 0.5, ...steps(1, 1, 59), ...steps(60, 5, 12), ...steps(120, 30, 7)]

const labelOf = (family: Family) => `IPv${family}`

/** What a proxy asks of its parts when it is told. */
export interface ProxyState {
  readonly pendingServices: () => number
  readonly pendingEndpoints: () => number
  /** Service ports that have endpoints, but none here, where traffic may only go to those here. */
  readonly noLocalEndpoints: () => Iterable<readonly [Family, { readonly internal: number; readonly external: number }]>
}

/** How the rules of services follow the API, under upstream's names (pkg/proxy/metrics). */
export class ProxyMetrics {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #syncs
  readonly #fullSyncs
  readonly #partialSyncs
  readonly #lastSync
  readonly #lastQueued
  readonly #programming
  readonly #services
  readonly #endpoints
  readonly #failures
  readonly #cleanupFailures
  readonly #flowSeconds
  readonly #flowsDeleted
  readonly #healthz
  readonly #livez
  readonly #registry: MetricsRegistry
  /** When that happened which the kernel does not know yet (epoch ms). */
  #untold: number[] = []

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#registry = metrics
    this.#clock = clock
    this.#startedAt = clock.now()
    const family = ['ip_family']
    const name = (what: string) => `kubeproxy_${what}`
    const seconds = (what: string, help: string) => metrics.histogram(name(what), help, syncBuckets, family)
    this.#syncs = seconds('sync_proxy_rules_duration_seconds', 'Time of loads of rules.')
    this.#fullSyncs = seconds('sync_full_proxy_rules_duration_seconds', 'Time of loads of all rules.')
    this.#partialSyncs = seconds('sync_partial_proxy_rules_duration_seconds', 'Time of loads of rules that changed.')
    this.#flowSeconds = seconds('conntrack_reconciler_sync_duration_seconds', 'Time of looks at flows.')
    this.#programming = metrics.histogram(
      name('network_programming_duration_seconds'),
      'Time from what happened to a pod to its being in the kernel.',
      programmingBuckets,
      family,
    )
    const gauge = (what: string, help: string) => metrics.gauge(name(what), help, family)
    this.#lastSync = gauge('sync_proxy_rules_last_timestamp_seconds', 'When rules were last loaded.')
    this.#lastQueued = gauge('sync_proxy_rules_last_queued_timestamp_seconds', 'When a load was last asked for.')
    const counter = (what: string, help: string) => metrics.counter(name(what), help)
    this.#services = counter('sync_proxy_rules_service_changes_total', 'Changes of services.').labels()
    this.#endpoints = counter('sync_proxy_rules_endpoint_changes_total', 'Changes of endpoints.').labels()
    const perFamily = (what: string, help: string) => metrics.counter(name(what), help, family)
    this.#failures = perFamily('sync_proxy_rules_nftables_sync_failures_total', 'Loads that failed.')
    this.#cleanupFailures = perFamily('sync_proxy_rules_nftables_cleanup_failures_total', 'Removals that failed.')
    this.#flowsDeleted = perFamily('conntrack_reconciler_deleted_entries_total', 'Flows that were ended.')
    this.#healthz = metrics.counter(name('proxy_healthz_total'), 'Answers of /healthz.', ['code'])
    this.#livez = metrics.counter(name('proxy_livez_total'), 'Answers of /livez.', ['code'])
  }

  /** Tells what is there as well, from now on. */
  follow(state: ProxyState): void {
    const pending = (what: string, read: () => number) =>
      this.#registry.collect(
        `kubeproxy_sync_proxy_rules_${what}_changes_pending`,
        'Changes that are not in the kernel yet.',
        'gauge',
        [],
        () => [[[], read()]],
      )
    pending('service', state.pendingServices)
    pending('endpoint', state.pendingEndpoints)
    this.#registry.collect(
      'kubeproxy_sync_proxy_rules_no_local_endpoints_total',
      'Service ports without the local endpoints that their policy asks for.',
      'gauge',
      ['traffic_policy', 'ip_family'],
      function* () {
        for (const [family, { internal, external }] of state.noLocalEndpoints()) {
          yield [['internal', labelOf(family)], internal] as const
          yield [['external', labelOf(family)], external] as const
        }
      },
    )
  }

  serviceChanged(): void {
    this.#services.inc()
  }

  endpointsChanged(slice: EndpointSlice, old: EndpointSlice | undefined): void {
    this.#endpoints.inc()
    const text = slice.metadata.annotations?.[triggerTime]
    if (text === undefined || text === old?.metadata.annotations?.[triggerTime]) return
    const at = Date.parse(text)
    // What happened before the proxy came is not its doing.
    if (at >= this.#startedAt) this.#untold.push(at)
  }

  queued(families: readonly Family[]): void {
    for (const family of families) this.#lastQueued.labels(labelOf(family)).set(this.#clock.now() / 1000)
  }

  /** Loads rules of these families. */
  async load(families: readonly Family[], full: boolean, load: () => Promise<void>): Promise<void> {
    const began = this.#clock.monotonic()
    const untold = this.#untold
    this.#untold = []
    let failed = true
    try {
      await load()
      failed = false
    } finally {
      const seconds = (this.#clock.monotonic() - began) / 1000
      if (failed) this.#untold = [...untold, ...this.#untold]
      for (const family of families) {
        const label = labelOf(family)
        this.#syncs.labels(label).observe(seconds)
        ;(full ? this.#fullSyncs : this.#partialSyncs).labels(label).observe(seconds)
        if (failed) this.#failures.labels(label).inc()
        else {
          this.#lastSync.labels(label).set(this.#clock.now() / 1000)
          for (const at of untold) this.#programming.labels(label).observe((this.#clock.now() - at) / 1000)
        }
      }
    }
  }

  cleanupFailed(family: Family): void {
    this.#cleanupFailures.labels(labelOf(family)).inc()
  }

  async flows(family: Family, clean: () => Promise<number>): Promise<void> {
    const began = this.#clock.monotonic()
    const ended = await clean()
    this.#flowSeconds.labels(labelOf(family)).observe((this.#clock.monotonic() - began) / 1000)
    this.#flowsDeleted.labels(labelOf(family)).inc(ended)
  }

  answered(path: '/healthz' | '/livez', code: number): void {
    ;(path === '/healthz' ? this.#healthz : this.#livez).labels(String(code)).inc()
  }
}
