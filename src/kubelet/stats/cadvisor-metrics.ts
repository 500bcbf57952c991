import { MetricsRegistry } from '../../machinery/metrics.ts'
import { labelNames } from '../containers/labels.ts'
import type { ContainerStats, PodSandboxStats } from '../runtimes/types.ts'

type Row = readonly [values: readonly string[], value: number]

/**
 * `/metrics/cadvisor`: what containers and the networks of pods use, under cAdvisor's names, as the runtime tells it
 * (KEP-2371).
 */
export function cadvisorMetrics(
  machine: { readonly cpuCount: number; readonly memoryBytes: number },
  containers: readonly ContainerStats[],
  pods: readonly PodSandboxStats[],
): string {
  const metrics = new MetricsRegistry()
  const perContainer = (
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    read: (stats: ContainerStats) => number | undefined,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const labels = ['container', 'id', 'namespace', 'pod', ...Object.keys(more)]
    const rows = containers.flatMap((stats): Row[] => {
      const value = read(stats)
      const { labels: own, id } = stats
      const of = (label: string) => own[label] ?? ''
      const names = [of(labelNames.containerName), id, of(labelNames.podNamespace), of(labelNames.podName)]
      return value === undefined ? [] : [[[...names, ...Object.values(more)], value]]
    })
    metrics.collect(`container_${name}`, help, type, labels, () => rows)
  }
  const core = ({ cpu }: ContainerStats) =>
    cpu?.usageCoreNanoseconds === undefined ? undefined : cpu.usageCoreNanoseconds / 1e9
  perContainer('cpu_usage_seconds_total', 'Time of processors.', 'counter', core, { cpu: 'total' })
  perContainer('memory_usage_bytes', 'Memory, caches included.', 'gauge', ({ memory }) => memory?.usageBytes)
  perContainer(
    'memory_working_set_bytes',
    'Memory that cannot be given back.',
    'gauge',
    ({ memory }) => memory?.workingSetBytes,
  )
  perContainer('memory_rss', 'Memory that is no cache.', 'gauge', ({ memory }) => memory?.rssBytes)
  perContainer(
    'fs_usage_bytes',
    'Bytes written over the image.',
    'gauge',
    ({ writableLayer }) => writableLayer?.usedBytes,
  )
  perContainer('last_seen', 'When the runtime told of it, in seconds since 1970.', 'gauge', ({ cpu }) =>
    cpu === undefined ? undefined : Math.floor(cpu.timestamp / 1000),
  )
  const directions = [
    ['receive', 'rxBytes', 'rxErrors'],
    ['transmit', 'txBytes', 'txErrors'],
  ] as const
  for (const [direction, bytes, errors] of directions) {
    const perInterface = (what: string, field: typeof bytes | typeof errors) => {
      const rows = pods.flatMap(({ metadata, network }) =>
        [network?.defaultInterface, ...(network?.interfaces ?? [])].flatMap((one): Row[] => {
          const value = one?.[field]
          return value === undefined ? [] : [[[one!.name, metadata.namespace, metadata.name], value]]
        }),
      )
      const name = `container_network_${direction}_${what}_total`
      metrics.collect(name, 'Of the networks of pods.', 'counter', ['interface', 'namespace', 'pod'], () => rows)
    }
    perInterface('bytes', bytes)
    perInterface('errors', errors)
  }
  metrics.gauge('machine_cpu_cores', 'Processors of the machine.').labels().set(machine.cpuCount)
  metrics.gauge('machine_memory_bytes', 'Memory of the machine.').labels().set(machine.memoryBytes)
  return metrics.text()
}
