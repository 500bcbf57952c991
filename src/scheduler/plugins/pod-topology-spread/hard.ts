import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import { type Constraint, hasAllKeys, Inclusion, matchingPods } from './constraint.ts'

/** Per constraint: how many matching pods each domain has (plugins/podtopologyspread/filtering.go). */
export interface Spread {
  readonly constraints: readonly Constraint[]
  readonly counts: readonly Map<string, number>[]
  readonly inclusion: Inclusion
  /** The least of each, until the counts change. */
  readonly least: (number | undefined)[]
}

export const spread = new StateKey<Spread>('PodTopologySpread/hard', (state) => ({
  ...state,
  counts: state.counts.map((counts) => new Map(counts)),
  least: [...state.least],
}))

export function reckonSpread(pod: PodInfo, constraints: readonly Constraint[], cache: SchedulerCache): Spread {
  const inclusion = new Inclusion(pod.pod)
  const counts = constraints.map(() => new Map<string, number>())
  const pods = constraints.map(({ selector }) => matchingPods(pod, selector, cache))
  for (const node of cache.nodes) {
    if (!hasAllKeys(node.labels, constraints)) continue
    for (const [index, constraint] of constraints.entries()) {
      if (!inclusion.includes(constraint, node)) continue
      const value = node.labels[constraint.topologyKey]!
      counts[index]!.set(value, (counts[index]!.get(value) ?? 0) + (pods[index]!.get(node.name) ?? 0))
    }
  }
  return { constraints, counts, inclusion, least: constraints.map(() => undefined) }
}

/** Thinks a pod onto the node (1) or away from it (-1). */
export function countPod(state: Spread, pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
  if (other.namespace !== pod.namespace || !hasAllKeys(node.labels, state.constraints)) return
  for (const [index, constraint] of state.constraints.entries()) {
    if (!constraint.selector.matches(other.labels) || !state.inclusion.includes(constraint, node)) continue
    const value = node.labels[constraint.topologyKey]!
    state.counts[index]!.set(value, (state.counts[index]!.get(value) ?? 0) + sign)
    state.least[index] = undefined
  }
}

/** How uneven the domains would be with the pod on the node; undefined: the node is in no domain. */
export function skewWith(state: Spread, index: number, pod: PodInfo, node: NodeInfo): number | undefined {
  const { topologyKey, selector, minDomains } = state.constraints[index]!
  const value = node.labels[topologyKey]
  if (value === undefined) return undefined
  const counts = state.counts[index]!
  let least = state.least[index]
  if (least === undefined) {
    least = 2 ** 31 - 1
    for (const count of counts.values()) if (count < least) least = count
    state.least[index] = least
  }
  const floor = counts.size < minDomains ? 0 : least
  return (counts.get(value) ?? 0) + (selector.matches(pod.labels) ? 1 : 0) - floor
}
