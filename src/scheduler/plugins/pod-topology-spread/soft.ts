import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import { maxScore } from '../../framework/plugin.ts'
import { type Constraint, hasAllKeys, hostnameLabel, Inclusion, matchingPods } from './constraint.ts'

/** What preferred spreading needs per constraint (plugins/podtopologyspread/scoring.go). */
export interface Preference {
  readonly constraints: readonly Constraint[]
  /** Nodes outside the topology: they get nothing. */
  readonly ignored: ReadonlySet<string>
  /** Matching pods by domain; those of a node itself for the host name. */
  readonly counts: readonly ReadonlyMap<string, number>[]
  readonly weights: readonly number[]
}

export const preference = new StateKey<Preference>('PodTopologySpread/soft')

/** `requireAll`: a node must have every key; not so for the constraints that pods have by default. */
export function reckonPreference(
  pod: PodInfo,
  constraints: readonly Constraint[],
  fitting: readonly NodeInfo[],
  cache: SchedulerCache,
  requireAll: boolean,
): Preference {
  const ignored = new Set<string>()
  const domains = constraints.map(() => new Map<string, number>())
  for (const node of fitting) {
    if (requireAll && !hasAllKeys(node.labels, constraints)) {
      ignored.add(node.name)
      continue
    }
    for (const [index, { topologyKey }] of constraints.entries()) {
      if (topologyKey !== hostnameLabel) domains[index]!.set(node.labels[topologyKey] ?? '', 0)
    }
  }
  const weights = constraints.map(({ topologyKey }, index) =>
    Math.log((topologyKey === hostnameLabel ? fitting.length - ignored.size : domains[index]!.size) + 2),
  )
  const pods = constraints.map(({ selector }) => matchingPods(pod, selector, cache))
  const inclusion = new Inclusion(pod.pod)
  for (const [index, constraint] of constraints.entries()) {
    const counts = domains[index]!
    if (constraint.topologyKey === hostnameLabel || pods[index]!.size === 0) continue
    for (const [name, count] of pods[index]!) {
      const node = cache.node(name)
      if (!node || (requireAll && !hasAllKeys(node.labels, constraints))) continue
      const value = node.labels[constraint.topologyKey] ?? ''
      const sum = counts.get(value)
      if (sum !== undefined && inclusion.includes(constraint, node)) counts.set(value, sum + count)
    }
  }
  const counts = constraints.map(({ topologyKey }, index) =>
    topologyKey === hostnameLabel ? pods[index]! : domains[index]!,
  )
  return { constraints, ignored, counts, weights }
}

/** The more matching pods near, the higher. */
export function crowding({ constraints, ignored, counts, weights }: Preference, node: NodeInfo): number {
  if (ignored.has(node.name)) return 0
  let score = 0
  for (const [index, { topologyKey, maxSkew }] of constraints.entries()) {
    const value = node.labels[topologyKey]
    if (value === undefined) continue
    const count = counts[index]!.get(topologyKey === hostnameLabel ? node.name : value) ?? 0
    score += count * weights[index]! + (maxSkew - 1)
  }
  return Math.round(score)
}

/** The least crowded gets the most. */
export function normalizeCrowding({ ignored }: Preference, nodes: readonly NodeInfo[], scores: Float64Array): void {
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (const [index, node] of nodes.entries()) {
    if (ignored.has(node.name)) continue
    least = Math.min(least, scores[index]!)
    most = Math.max(most, scores[index]!)
  }
  for (const [index, node] of nodes.entries()) {
    if (ignored.has(node.name)) scores[index] = 0
    else if (most === 0) scores[index] = maxScore
    else scores[index] = Math.trunc((maxScore * (most + least - scores[index]!)) / most)
  }
}
