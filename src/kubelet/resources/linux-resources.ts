import type { Container, Pod } from '../../api/types.generated.ts'
import type { ContainerResources } from '../runtimes/types.ts'
import { cpuQuota, cpuShares, quotaPeriod } from './cgroup-values.ts'
import { oomScore } from './oom-score.ts'
import { type Amounts, amounts, effectiveLimits, podAmounts } from './pod-resources.ts'

export interface NodeResources {
  readonly memoryBytes: number
  readonly cgroupVersion: 1 | 2
  /** `2MB`, `1GB`: the sizes of huge pages that the kernel knows. */
  readonly hugepageSizes: readonly string[]
}

function linux(requestMilli: number | undefined, limits: Amounts): ContainerResources {
  const cpuLimit = limits['cpu'] ?? 0
  return {
    cpuShares: cpuShares(requestMilli ?? cpuLimit),
    memoryLimitBytes: limits['memory'] ?? 0,
    cpuPeriod: quotaPeriod,
    cpuQuota: cpuQuota(cpuLimit),
  }
}

/** A container's cgroup values (upstream: kuberuntime_container_linux.go). */
export function containerResources(pod: Pod, container: Container, node: NodeResources): ContainerResources {
  const limits = effectiveLimits(pod, container)
  const resources = linux(amounts(container.resources?.requests)['cpu'], limits)
  return {
    ...resources,
    oomScoreAdj: oomScore(pod, container, node.memoryBytes),
    hugepageLimits: node.hugepageSizes.map((pageSize) => ({ pageSize, limit: hugepages(limits, pageSize) })),
    // Clears a throttle that an earlier resource setting may have left.
    unified: node.cgroupVersion === 2 ? { 'memory.high': 'max' } : undefined,
  }
}

function hugepages(limits: Amounts, pageSize: string): number {
  return limits[`hugepages-${pageSize.replace(/([KMG])B$/, '$1i')}`] ?? 0
}

/** What all containers of the pod together get, for runtimes that size a sandbox by it. */
export function sandboxResources(pod: Pod): ContainerResources {
  const requests = podAmounts(pod, 'requests', { withoutOverhead: true })
  return linux(requests['cpu'], podAmounts(pod, 'limits', { withoutOverhead: true }))
}

export function overheadResources(pod: Pod): ContainerResources {
  if (pod.spec.overhead === undefined) return {}
  const overhead = amounts(pod.spec.overhead)
  return linux(overhead['cpu'] ?? 0, overhead)
}
