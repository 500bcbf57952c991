import { readdirSync, readFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import type { Clock } from '../../machinery/clock.ts'
import { metricsContentType, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { Answer } from '../answer.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import type { PathRouter } from '../routing/path-router.ts'
import type { ServedResources } from '../served-resources.ts'
import { kubernetesVersion } from './version.ts'

/** Where there is no /proc, it is not known: NaN. */
function countOf(folder: string): number {
  try {
    return readdirSync(folder).length
  } catch {
    return Number.NaN
  }
}
function maxFiles(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

export function metricsAnswer(metrics: MetricsRegistry): Answer {
  return { type: 'raw', code: 200, contentType: metricsContentType, body: metrics.text() }
}

/** `/metrics`, and what the server as a whole tells there. */
export function addMetrics(
  router: PathRouter,
  metrics: MetricsRegistry,
  served: ServedResources,
  feed: StoreFeed,
  clock: Clock,
): void {
  router.add('/metrics', () => metricsAnswer(metrics))
  const startSeconds = clock.now() / 1000
  const { gitVersion, major, minor } = kubernetesVersion
  const build: readonly [string[], number] = [[gitVersion, major, minor], 1]
  metrics.collect(
    'kubernetes_build_info',
    'A metric with a constant 1 value labeled by the version whose API is served.',
    'gauge',
    ['git_version', 'major', 'minor'],
    () => [build],
  )
  metrics.collect(
    'apiserver_resource_objects',
    'Number of stored objects, of resources that are in use.',
    'gauge',
    ['group', 'resource'],
    function* () {
      const seen = new Set<string>()
      for (const { definition } of served.map.values()) {
        const { group, resource, storagePrefix } = definition
        const cache = feed.filled(storagePrefix)
        if (cache === undefined || seen.has(storagePrefix)) continue
        seen.add(storagePrefix)
        yield [[group, resource], cache.size] as const
      }
    },
  )
  metrics.collect(
    'apiserver_registered_watchers',
    'Number of currently registered watchers, of resources that are in use.',
    'gauge',
    ['group', 'resource'],
    function* () {
      for (const { definition } of served.map.values()) {
        const watchers = feed.filled(definition.storagePrefix)?.listeners ?? 0
        if (watchers > 0) yield [[definition.group, definition.resource], watchers] as const
      }
    },
  )
  const processGauges: readonly (readonly [string, string, 'gauge' | 'counter', () => number])[] = [
    [
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      'gauge',
      () => startSeconds,
    ],
    ['process_open_fds', 'Number of open file descriptors.', 'gauge', () => countOf('/proc/self/fd')],
    ['process_max_fds', 'Maximum number of open file descriptors.', 'gauge', maxFiles],
    ['process_resident_memory_bytes', 'Resident memory size in bytes.', 'gauge', () => memoryUsage.rss()],
    [
      'process_cpu_seconds_total',
      'Total user and system CPU time spent in seconds.',
      'counter',
      () => {
        const { user, system } = process.cpuUsage()
        return (user + system) / 1e6
      },
    ],
  ]
  for (const [name, help, type, read] of processGauges) {
    metrics.collect(name, help, type, [], () => [[[], read()]])
  }
}
