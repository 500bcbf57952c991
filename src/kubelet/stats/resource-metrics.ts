import { labelNames } from '../containers/labels.ts'
import type { Container, ContainerStats, CpuUsage, MemoryUsage, PodSandboxStats } from '../runtimes/types.ts'

const text = (value: string): string => JSON.stringify(value)

/** One line: a value, and when it was so (epoch milliseconds). */
type Sample = readonly [labels: string, value: number | undefined, timestamp?: number]

export interface ResourceUse {
  readonly node: {
    readonly cpuCoreNanoseconds: number
    readonly memoryWorkingSetBytes: number
    readonly swapUsageBytes: number
    readonly now: number
  }
  readonly stats: readonly ContainerStats[]
  readonly containers: readonly Pick<Container, 'id' | 'createdAt'>[]
  readonly pods: readonly PodSandboxStats[]
}

/** `/metrics/resource`: what metrics-server reads of a node and its containers (pkg/kubelet/metrics/collectors/resource_metrics.go). */
export function resourceMetrics({ node, stats, containers, pods }: ResourceUse): string {
  const lines: string[] = []
  const family = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]) => {
    const told = samples.filter(([, value]) => value !== undefined)
    if (told.length === 0) return
    lines.push(`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`)
    for (const [labels, value, timestamp] of told)
      lines.push(`${name}${labels} ${value}${timestamp === undefined ? '' : ` ${Math.round(timestamp)}`}`)
  }
  const ofContainer = ({ labels }: ContainerStats) =>
    `{container=${text(labels[labelNames.containerName] ?? '')},namespace=${text(labels[labelNames.podNamespace] ?? '')},pod=${text(labels[labelNames.podName] ?? '')}}`
  const ofPod = ({ metadata }: PodSandboxStats) => `{namespace=${text(metadata.namespace)},pod=${text(metadata.name)}}`
  const cpu = (labels: string, usage: CpuUsage | undefined): Sample => {
    const nanoseconds = usage?.usageCoreNanoseconds
    return [labels, nanoseconds === undefined ? undefined : nanoseconds / 1e9, usage?.timestamp]
  }
  const memory = (labels: string, usage: MemoryUsage | undefined): Sample => [
    labels,
    usage?.workingSetBytes,
    usage?.timestamp,
  ]
  const madeAt = new Map(containers.map(({ id, createdAt }) => [id, createdAt]))
  family(
    'container_cpu_usage_seconds_total',
    'counter',
    'Cumulative cpu time consumed by the container in core-seconds',
    stats.map((one) => cpu(ofContainer(one), one.cpu)),
  )
  family(
    'container_memory_working_set_bytes',
    'gauge',
    'Current working set of the container in bytes',
    stats.map((one) => memory(ofContainer(one), one.memory)),
  )
  family(
    'container_start_time_seconds',
    'gauge',
    'Start time of the container since unix epoch in seconds',
    stats.map((one) => {
      const made = madeAt.get(one.id)
      return [ofContainer(one), made === undefined ? undefined : made / 1000]
    }),
  )
  family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [
    ['', node.cpuCoreNanoseconds / 1e9, node.now],
  ])
  family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [
    ['', node.memoryWorkingSetBytes, node.now],
  ])
  family(
    'node_swap_usage_bytes',
    'gauge',
    'Current swap usage of the node in bytes. Reported only on non-windows systems',
    [['', node.swapUsageBytes, node.now]],
  )
  family(
    'pod_cpu_usage_seconds_total',
    'counter',
    'Cumulative cpu time consumed by the pod in core-seconds',
    pods.map((one) => cpu(ofPod(one), one.cpu)),
  )
  family(
    'pod_memory_working_set_bytes',
    'gauge',
    'Current working set of the pod in bytes',
    pods.map((one) => memory(ofPod(one), one.memory)),
  )
  family('resource_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [
    ['', 0],
  ])
  return `${lines.join('\n')}\n`
}
