import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { Resource } from '../../cache/resource.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import { maxScore } from '../../framework/plugin.ts'

/** Which nodes NodeResourcesFit prefers: emptier ones, or fuller ones so that others stay free. */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated'
  readonly resources: readonly { readonly name: string; readonly weight: number }[]
}

/**
 * The weighted mean of what stays free, or of what is taken, of each resource. An extended resource counts for pods that
 * ask for it only (plugins/noderesources/{least,most}_allocated.go, resource_allocation.go).
 */
export function scoreBy({ type, resources }: ScoringStrategy) {
  const share = (requested: number, capacity: number): number => {
    if (type === 'MostAllocated') return Math.floor((Math.min(requested, capacity) * maxScore) / capacity)
    return requested > capacity ? 0 : Math.floor(((capacity - requested) * maxScore) / capacity)
  }
  return (_: CycleState, pod: PodInfo, node: NodeInfo): number => {
    let sum = 0
    let weights = 0
    for (const { name, weight } of resources) {
      const capacity = amountOf(node.allocatable, name)
      const [taken, wanted] = amounts(node, pod, name)
      if (capacity === 0 || (isExtended(name) && wanted === 0)) continue
      sum += share(taken + wanted, capacity) * weight
      weights += weight
    }
    return weights === 0 ? 0 : Math.floor(sum / weights)
  }
}

const own = new Set(['cpu', 'memory', 'ephemeral-storage'])
const isExtended = (name: string): boolean => !own.has(name)

/** What the node's pods take, and what this one asks for. Who asks for no CPU or memory counts for some all the same. */
function amounts(node: NodeInfo, pod: PodInfo, name: string): readonly [taken: number, wanted: number] {
  if (name === 'cpu') return [node.nonZeroRequested.milliCpu, pod.nonZero.milliCpu]
  if (name === 'memory') return [node.nonZeroRequested.memoryBytes, pod.nonZero.memoryBytes]
  return [amountOf(node.requested, name), amountOf(pod.requests, name)]
}

function amountOf(resource: Resource, name: string): number {
  switch (name) {
    case 'cpu':
      return resource.milliCpu
    case 'memory':
      return resource.memoryBytes
    case 'ephemeral-storage':
      return resource.ephemeralStorageBytes
    default:
      return resource.scalars?.get(name) ?? 0
  }
}
