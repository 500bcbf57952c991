import { labelNames } from '../containers/labels.ts'
import type { ContainerStats } from '../runtimes/types.ts'

const text = (value: string): string => JSON.stringify(value)

/** `/metrics/resource`: what metrics-server reads of a node and its containers (pkg/kubelet/metrics/collectors/resource_metrics.go). */
export function resourceMetrics(
  node: { readonly cpuCoreNanoseconds: number; readonly memoryWorkingSetBytes: number; readonly now: number },
  containers: readonly ContainerStats[],
): string {
  const lines: string[] = []
  const family = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly string[]) => {
    if (samples.length > 0) lines.push(`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...samples)
  }
  const labelsOf = ({ labels }: ContainerStats) =>
    `{container=${text(labels[labelNames.containerName] ?? '')},namespace=${text(labels[labelNames.podNamespace] ?? '')},pod=${text(labels[labelNames.podName] ?? '')}}`
  family(
    'container_cpu_usage_seconds_total',
    'counter',
    'Cumulative cpu time consumed by the container in core-seconds',
    containers.flatMap((one) =>
      one.cpu?.usageCoreNanoseconds === undefined
        ? []
        : [
            `container_cpu_usage_seconds_total${labelsOf(one)} ${one.cpu.usageCoreNanoseconds / 1e9} ${Math.round(one.cpu.timestamp)}`,
          ],
    ),
  )
  family(
    'container_memory_working_set_bytes',
    'gauge',
    'Current working set of the container in bytes',
    containers.flatMap((one) =>
      one.memory?.workingSetBytes === undefined
        ? []
        : [
            `container_memory_working_set_bytes${labelsOf(one)} ${one.memory.workingSetBytes} ${Math.round(one.memory.timestamp)}`,
          ],
    ),
  )
  family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [
    `node_cpu_usage_seconds_total ${node.cpuCoreNanoseconds / 1e9} ${Math.round(node.now)}`,
  ])
  family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [
    `node_memory_working_set_bytes ${node.memoryWorkingSetBytes} ${Math.round(node.now)}`,
  ])
  return `${lines.join('\n')}\n`
}
