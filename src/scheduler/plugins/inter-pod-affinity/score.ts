import { type AffinityTerm, termMatches } from '../../cache/affinity-term.ts'
import { isRequired } from '../../cache/term-index.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { maxScore } from '../../framework/plugin.ts'
import { TopologyCounts } from '../../framework/topology-counts.ts'
import { resolveNamespaces } from './terms.ts'

/** Weights by domain: of the pod's preferences, and of those of the pods that are there. */
export const preferred = new StateKey<TopologyCounts>('InterPodAffinity/preferred')

/** Undefined: nobody has a preference (plugins/interpodaffinity/scoring.go). */
export function reckonPreferred(
  pod: PodInfo,
  cache: SchedulerCache,
  lookups: Lookups,
  /** What a required affinity of a pod that is there counts. */
  hardAffinityWeight: number,
): TopologyCounts | undefined {
  const weights = new TopologyCounts()
  const add = (byNode: ReadonlyMap<string, number>, key: string, weight: number) => {
    for (const [name, count] of byNode) {
      const node = cache.node(name)
      if (node) weights.add(node, key, weight * count)
    }
  }
  const own = (terms: readonly AffinityTerm[], sign: 1 | -1) => {
    for (const { namespaces, selector, topologyKey, weight } of resolveNamespaces(terms, lookups)) {
      for (const namespace of namespaces) {
        add(cache.counts.byNode(namespace, selector, true), topologyKey, sign * weight)
      }
    }
  }
  own(pod.preferredAffinity, 1)
  own(pod.preferredAntiAffinity, -1)
  const namespaceLabels = lookups.namespace(pod.namespace)?.metadata.labels ?? {}
  for (const { term, byNode } of cache.preferences.all()) {
    const weight = isRequired(term) ? hardAffinityWeight : term.weight
    if (weight !== 0 && termMatches(term, pod, namespaceLabels)) add(byNode, term.topologyKey, weight)
  }
  return weights.empty ? undefined : weights
}

/** The lowest becomes 0, the highest maxScore. */
export function normalizeRange(scores: Float64Array): void {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const score of scores) {
    if (score < low) low = score
    if (score > high) high = score
  }
  for (let index = 0; index < scores.length; index++) {
    scores[index] = high > low ? Math.trunc(maxScore * ((scores[index]! - low) / (high - low))) : 0
  }
}
