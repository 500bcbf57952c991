import { MetricsRegistry } from '../../machinery/metrics.ts'
import { labelNames } from '../containers/labels.ts'
import type { Machine } from '../node/machine.ts'
import type { ContainerStats } from '../runtimes/types.ts'
import type { ContainerCgroup } from './container-cgroup.ts'
import type { InterfaceUse } from './pod-network.ts'

type Row = readonly [values: readonly string[], value: number]

/** What a container uses: as the runtime tells it, and as its control group does. */
export interface ContainerUse {
  readonly stats: ContainerStats
  readonly image: string
  /** The path of its control group. */
  readonly path: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly cgroup?: ContainerCgroup
  readonly open?: { readonly files: number; readonly sockets: number }
}

export interface PodNetworkUse {
  readonly namespace: string
  readonly name: string
  readonly sandboxId: string
  readonly path: string
  readonly interfaces: readonly InterfaceUse[]
}

const common = ['container', 'id', 'image', 'name', 'namespace', 'pod']

/** `/metrics/cadvisor`: what containers and the networks of pods use, under cAdvisor's names (metrics/prometheus.go). */
export function cadvisorMetrics(
  machine: Pick<Machine, 'cpuCount' | 'memoryBytes' | 'swapBytes' | 'bootId' | 'machineId' | 'systemUuid'>,
  containers: readonly ContainerUse[],
  pods: readonly PodNetworkUse[],
): MetricsRegistry {
  const metrics = new MetricsRegistry()
  const uses = containers.map((use) => {
    const { labels, id } = use.stats
    const of = (label: string) => labels[label] ?? ''
    const { containerName, podNamespace, podName } = labelNames
    return { ...use, values: [of(containerName), use.path, use.image, id, of(podNamespace), of(podName)] }
  })
  const told = (
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    labels: readonly string[],
    rows: readonly Row[],
  ) => metrics.collect(`container_${name}`, help, type, [...common, ...labels], () => rows)
  const perContainer = (
    type: 'gauge' | 'counter',
    name: string,
    help: string,
    read: (use: ContainerUse) => number | undefined,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const rows = uses.flatMap((use): Row[] => {
      const value = read(use)
      return value === undefined ? [] : [[[...use.values, ...Object.values(more)], value]]
    })
    told(name, help, type, Object.keys(more), rows)
  }

  const nanoseconds = ({ stats }: ContainerUse) => stats.cpu?.usageCoreNanoseconds
  const seconds = (use: ContainerUse) => {
    const all = nanoseconds(use)
    return all === undefined ? undefined : all / 1e9
  }
  perContainer('counter', 'cpu_usage_seconds_total', 'Time of processors.', seconds, { cpu: 'total' })
  const cpu = (name: string, help: string, key: keyof ContainerCgroup['cpu']) =>
    perContainer('counter', name, help, ({ cgroup }) => cgroup?.cpu[key])
  cpu('cpu_user_seconds_total', 'Time of processors outside the kernel.', 'userSeconds')
  cpu('cpu_system_seconds_total', 'Time of processors in the kernel.', 'systemSeconds')
  cpu('cpu_cfs_periods_total', 'Periods for which a limit held.', 'periods')
  cpu('cpu_cfs_throttled_periods_total', 'Periods in which the limit was reached.', 'throttledPeriods')
  cpu('cpu_cfs_throttled_seconds_total', 'Time that the limit kept it waiting.', 'throttledSeconds')
  perContainer('gauge', 'spec_cpu_shares', 'Its share of processors.', ({ cgroup }) => cgroup?.cpu.shares)
  perContainer('gauge', 'spec_cpu_period', 'Microseconds of a period.', ({ cgroup }) => cgroup?.cpu.period)
  perContainer(
    'gauge',
    'spec_cpu_quota',
    'Microseconds that it may use in a period.',
    ({ cgroup }) => cgroup?.cpu.quota,
  )

  const memory = (name: string, help: string, read: (use: ContainerUse) => number | undefined) =>
    perContainer('gauge', `memory_${name}`, help, read)
  memory('usage_bytes', 'Memory, caches included.', ({ stats }) => stats.memory?.usageBytes)
  memory('working_set_bytes', 'Memory that cannot be given back.', ({ stats }) => stats.memory?.workingSetBytes)
  memory('rss', 'Memory that is no cache.', ({ stats }) => stats.memory?.rssBytes)
  memory('cache', 'Memory that caches files.', ({ cgroup }) => cgroup?.memory.cacheBytes)
  memory('swap', 'Memory that was put out to disk.', ({ cgroup }) => cgroup?.memory.swapBytes)
  memory('mapped_file', 'Memory that is mapped files.', ({ cgroup }) => cgroup?.memory.mappedBytes)
  memory('total_active_file_bytes', 'Cached files in use.', ({ cgroup }) => cgroup?.memory.activeFileBytes)
  memory('total_inactive_file_bytes', 'Cached files not in use.', ({ cgroup }) => cgroup?.memory.inactiveFileBytes)
  memory('kernel_usage', 'Memory that the kernel holds for it.', ({ cgroup }) => cgroup?.memory.kernelBytes)
  memory('max_usage_bytes', 'The most memory that it had.', ({ cgroup }) => cgroup?.memory.peakBytes)
  perContainer('counter', 'memory_failcnt', 'How often its limit was reached.', ({ cgroup }) => cgroup?.memory.failures)
  perContainer(
    'counter',
    'oom_events_total',
    'Processes killed for want of memory.',
    ({ cgroup }) => cgroup?.memory.oomKills,
  )
  told(
    'memory_failures_total',
    'Faults of pages.',
    'counter',
    ['failure_type', 'scope'],
    uses.flatMap(({ values, cgroup, stats }): Row[] => {
      const faults = [
        ['pgfault', cgroup?.memory.pageFaults ?? stats.memory?.pageFaults],
        ['pgmajfault', cgroup?.memory.majorPageFaults ?? stats.memory?.majorPageFaults],
      ] as const
      return faults.flatMap(([type, value]): Row[] =>
        value === undefined ? [] : ['container', 'hierarchy'].map((scope) => [[...values, type, scope], value]),
      )
    }),
  )
  const limit = ({ cgroup }: ContainerUse) => cgroup && (cgroup.memory.limitBytes ?? 0)
  perContainer('gauge', 'spec_memory_limit_bytes', 'Memory that it may have; 0: no limit.', limit)

  perContainer(
    'gauge',
    'fs_usage_bytes',
    'Bytes written over the image.',
    ({ stats }) => stats.writableLayer?.usedBytes,
    {
      device: '',
    },
  )
  const perDevice = (name: string, help: string, key: 'reads' | 'readBytes' | 'writes' | 'writtenBytes') =>
    told(
      `fs_${name}_total`,
      help,
      'counter',
      ['device'],
      uses.flatMap(({ values, cgroup }) =>
        (cgroup?.devices ?? []).map((use): Row => [[...values, use.device], use[key]]),
      ),
    )
  perDevice('reads', 'Reads of a device.', 'reads')
  perDevice('reads_bytes', 'Bytes read of a device.', 'readBytes')
  perDevice('writes', 'Writes to a device.', 'writes')
  perDevice('writes_bytes', 'Bytes written to a device.', 'writtenBytes')

  perContainer('gauge', 'processes', 'Processes.', ({ cgroup }) => cgroup?.pids.length)
  perContainer('gauge', 'threads', 'Threads.', ({ cgroup }) => cgroup?.threads)
  perContainer('gauge', 'threads_max', 'Threads that it may have.', ({ cgroup }) => cgroup?.threadsMax)
  perContainer('gauge', 'file_descriptors', 'Files and sockets that are open.', ({ open }) => open?.files)
  perContainer('gauge', 'sockets', 'Sockets that are open.', ({ open }) => open?.sockets)
  const lastSeen = ({ stats }: ContainerUse) => stats.cpu && Math.floor(stats.cpu.timestamp / 1000)
  perContainer('gauge', 'last_seen', 'When the runtime told of it, in seconds since 1970.', lastSeen)
  const made = ({ createdAt }: ContainerUse) => Math.floor(createdAt / 1000)
  perContainer('gauge', 'start_time_seconds', 'When it was made, in seconds since 1970.', made)
  perContainer('gauge', 'creation_time_seconds', 'When it was made, in seconds since 1970.', made)

  const directions = [
    ['receive', 'rx'],
    ['transmit', 'tx'],
  ] as const
  const counts = [
    ['bytes', 'Bytes'],
    ['errors', 'Errors'],
    ['packets', 'Packets'],
    ['packets_dropped', 'Dropped'],
  ] as const
  for (const [direction, prefix] of directions)
    for (const [what, suffix] of counts)
      told(
        `network_${direction}_${what}_total`,
        'Of the networks of pods.',
        'counter',
        ['interface'],
        pods.flatMap(({ namespace, name, sandboxId, path, interfaces }) =>
          interfaces.flatMap((one): Row[] => {
            const value = one[`${prefix}${suffix}`]
            return value === undefined ? [] : [[['', path, '', sandboxId, namespace, name, one.name], value]]
          }),
        ),
      )
  const machineLabels = ['boot_id', 'machine_id', 'system_uuid']
  const ofMachine = (name: string, help: string, value: number) =>
    metrics
      .gauge(`machine_${name}`, help, machineLabels)
      .labels(machine.bootId, machine.machineId, machine.systemUuid)
      .set(value)
  // What cannot be read at all is no answer: then the whole request fails.
  metrics.gauge('container_scrape_error', '0: containers could be read.')
  metrics.gauge('machine_scrape_error', '0: the machine could be read.')
  ofMachine('cpu_cores', 'Processors of the machine.', machine.cpuCount)
  ofMachine('memory_bytes', 'Memory of the machine.', machine.memoryBytes)
  ofMachine('swap_bytes', 'Swap of the machine.', machine.swapBytes)
  return metrics
}
