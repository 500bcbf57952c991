import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Store } from '../../store/store.ts'
import type { ServedResources } from '../served-resources.ts'
import type { ResourceCache } from './resource-cache.ts'
import type { StoreFeed } from './store-feed.ts'

/**
 * What the caches hold and went through, and how large the store is, read when it is asked for. Only resources that are in
 * use have a cache, where upstream fills all at once.
 */
export function addCacheMetrics(
  metrics: MetricsRegistry,
  { served, feed, store }: { readonly served: ServedResources; readonly feed: StoreFeed; readonly store: Store },
): void {
  const seconds = metrics.histogram(
    'apiserver_watch_cache_initialization_duration_seconds',
    'Time until the cache of a resource was filled.',
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600],
    ['group', 'resource'],
  )
  feed.onFilled((prefix, ms) => {
    for (const { definition } of served.map.values()) {
      if (definition.storagePrefix !== prefix) continue
      seconds.labels(definition.group, definition.resource).observe(ms / 1000)
      return
    }
  })
  type Row = readonly [values: readonly [group: string, resource: string], cache: ResourceCache]
  function* caches(): Iterable<Row> {
    const seen = new Set<string>()
    for (const { definition } of served.map.values()) {
      const { group, resource, storagePrefix } = definition
      const cache = feed.filled(storagePrefix)
      if (cache === undefined || seen.has(storagePrefix)) continue
      seen.add(storagePrefix)
      yield [[group, resource], cache]
    }
  }
  const perCache = (name: string, help: string, type: 'gauge' | 'counter', read: (cache: ResourceCache) => number) =>
    metrics.collect(name, help, type, ['group', 'resource'], function* () {
      for (const [values, cache] of caches()) yield [values, read(cache)] as const
    })
  perCache('apiserver_resource_objects', 'Stored objects.', 'gauge', ({ size }) => size)
  perCache(
    'apiserver_resource_size_estimate_bytes',
    'Bytes of the stored objects.',
    'gauge',
    ({ statistics }) => statistics.objectBytes,
  )
  perCache(
    'apiserver_init_events_total',
    'Objects that caches began with.',
    'counter',
    ({ statistics }) => statistics.initial,
  )
  perCache(
    'apiserver_storage_events_received_total',
    'Changes that the store told.',
    'counter',
    ({ statistics }) => statistics.received,
  )
  perCache(
    'apiserver_watch_cache_events_received_total',
    'Changes that caches took in.',
    'counter',
    ({ statistics }) => statistics.received,
  )
  perCache(
    'apiserver_watch_cache_events_dispatched_total',
    'Changes that caches told their watches.',
    'counter',
    ({ statistics }) => statistics.dispatched,
  )
  perCache('apiserver_watch_cache_initializations_total', 'How often caches were filled.', 'counter', () => 1)
  perCache(
    'apiserver_watch_cache_resource_version',
    'The revision that caches have reached.',
    'gauge',
    () => feed.revision,
  )
  perCache(
    'watch_cache_capacity',
    'Changes that are kept, so that watches can be taken up again.',
    'gauge',
    ({ keptEvents }) => keptEvents,
  )
  let storeBytes: number | undefined
  metrics.prepare(async () => {
    storeBytes = await store.size()
  })
  metrics.collect('apiserver_storage_size_bytes', 'Bytes of the store.', 'gauge', ['storage_cluster_id'], () =>
    storeBytes === undefined ? [] : [[['etcd-0'], storeBytes]],
  )
}
