import { type AffinityTerm, termMatches } from '../../cache/affinity-term.ts'
import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { maxScore } from '../../framework/plugin.ts'
import { TopologyCounts } from '../../framework/topology-counts.ts'
import { resolveNamespaces } from './terms.ts'

/** What a required affinity of a pod that is there counts for a pod that it means (the default of upstream's argument). */
const hardAffinityWeight = 1

/** Weights by domain: of the pod's preferences, and of those of the pods that are there. */
export const preferred = new StateKey<TopologyCounts>('InterPodAffinity/preferred')

/** Undefined: nobody has a preference (plugins/interpodaffinity/scoring.go). */
export function reckonPreferred(pod: PodInfo, cache: SchedulerCache, lookups: Lookups): TopologyCounts | undefined {
  const toward = resolveNamespaces(pod.preferredAffinity, lookups)
  const awayFrom = resolveNamespaces(pod.preferredAntiAffinity, lookups)
  const choosy = toward.length > 0 || awayFrom.length > 0
  if (!choosy && cache.nodesWithAffinityPods.size === 0) return undefined
  const namespaceLabels = lookups.namespace(pod.namespace)?.metadata.labels ?? {}
  const weights = new TopologyCounts()
  const weigh = (terms: readonly AffinityTerm[], meant: PodInfo, labels: Labels, node: NodeInfo, sign: 1 | -1) => {
    for (const term of terms) {
      if (termMatches(term, meant, labels))
        weights.add(node, term.topologyKey, sign * (term.weight || hardAffinityWeight))
    }
  }
  for (const node of choosy ? cache.nodes : cache.nodesWithAffinityPods) {
    if (!node.node) continue
    for (const other of (choosy ? node.pods : node.podsWithAffinity).values()) {
      weigh(toward, other, undefined, node, 1)
      weigh(awayFrom, other, undefined, node, -1)
      weigh(other.requiredAffinity, pod, namespaceLabels, node, 1)
      weigh(other.preferredAffinity, pod, namespaceLabels, node, 1)
      weigh(other.preferredAntiAffinity, pod, namespaceLabels, node, -1)
    }
  }
  return weights.empty ? undefined : weights
}
type Labels = { readonly [label: string]: string } | undefined

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
