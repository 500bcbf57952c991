import { amountOf } from '../../cache/resource.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { maxScore, type SchedulerPlugin, skip } from '../../framework/plugin.ts'

const own: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/**
 * Prefers the node whose shares of used resources the pod brings nearer to each other
 * (plugins/noderesources/balanced_allocation.go).
 */
export function nodeResourcesBalancedAllocation({
  resources,
}: PluginArguments['NodeResourcesBalancedAllocation']): SchedulerPlugin {
  const names = resources.map(({ name }) => name)
  return {
    name: 'NodeResourcesBalancedAllocation',
    // Pods that ask for nothing would all go to the same node.
    preScore: (_, { requests }) => (names.every((name) => amountOf(requests, name) === 0) ? skip : undefined),
    score(_, { requests }, { requested, allocatable }) {
      const [before, after]: [number[], number[]] = [[], []]
      for (const name of names) {
        const capacity = amountOf(allocatable, name)
        const wanted = amountOf(requests, name)
        // An extended resource counts for pods that ask for it only.
        if (capacity === 0 || (wanted === 0 && !own.has(name))) continue
        const used = amountOf(requested, name)
        before.push(Math.min(1, used / capacity))
        after.push(Math.min(1, (used + wanted) / capacity))
      }
      return maxScore / 2 + Math.trunc((maxScore / 2 + balance(after) - balance(before)) / 2)
    },
  }
}

/** maxScore: all shares are the same. With two shares their deviation is half their difference. */
function balance(shares: readonly number[]): number {
  return Math.trunc((1 - deviation(shares)) * maxScore)
}

function deviation(shares: readonly number[]): number {
  if (shares.length < 2) return 0
  if (shares.length === 2) return Math.abs((shares[0]! - shares[1]!) / 2)
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length)
}
