import type { Resource } from '../../cache/resource.ts'
import { maxScore, type SchedulerPlugin, skip } from '../../framework/plugin.ts'

/**
 * Prefers the node whose shares of used CPU and memory the pod brings nearer to each other
 * (plugins/noderesources/balanced_allocation.go).
 */
export const nodeResourcesBalancedAllocation: SchedulerPlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  // Pods that ask for nothing would all go to the same node.
  preScore: (_, { requests }) => (requests.milliCpu === 0 && requests.memoryBytes === 0 ? skip : undefined),
  score(_, { requests }, { requested, allocatable }) {
    const { milliCpu, memoryBytes } = requested
    const before = balance(milliCpu, memoryBytes, allocatable)
    const after = balance(milliCpu + requests.milliCpu, memoryBytes + requests.memoryBytes, allocatable)
    return maxScore / 2 + Math.trunc((maxScore / 2 + after - before) / 2)
  },
}

/** maxScore: both shares are the same. With two shares their deviation is half their difference. */
function balance(milliCpu: number, memoryBytes: number, allocatable: Resource): number {
  if (allocatable.milliCpu === 0 || allocatable.memoryBytes === 0) return maxScore
  const cpu = Math.min(1, milliCpu / allocatable.milliCpu)
  const memory = Math.min(1, memoryBytes / allocatable.memoryBytes)
  return Math.trunc((1 - Math.abs((cpu - memory) / 2)) * maxScore)
}
