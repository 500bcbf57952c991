import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { action } from '../../framework/cluster-event.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type NodeHint, type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { count, isAway, isNear, name, notNear, reckonRequired, required, tooNear, unwelcome } from './filter.ts'
import { normalizeRange, preferred, reckonPreferred } from './score.ts'
import { labelledOf, matchesAll, matchesAny, requiredAntiAffinityOf, resolveNamespaces } from './terms.ts'

/** Puts pods near to, and away from, one another (plugins/interpodaffinity). */
export function interPodAffinity(
  args: PluginArguments['InterPodAffinity'],
  cache: SchedulerCache,
  lookups: Lookups,
): SchedulerPlugin {
  const afterPod: PodHint = (pod, old, changed) => {
    for (const other of [old, changed]) {
      if (other && !other.spec?.nodeName && !other.status?.nominatedNodeName) return false
    }
    const affinity = resolveNamespaces(pod.requiredAffinity, lookups)
    const antiAffinity = resolveNamespaces(pod.requiredAntiAffinity, lookups)
    const before = old && labelledOf(old)
    const after = changed && labelledOf(changed)
    if (before && after) {
      return (
        (!matchesAll(affinity, before) && matchesAll(affinity, after)) ||
        (matchesAny(antiAffinity, before) && !matchesAny(antiAffinity, after))
      )
    }
    if (after) return matchesAll(affinity, after)
    if (matchesAny(antiAffinity, before!)) return true
    return matchesAny(resolveNamespaces(requiredAntiAffinityOf(old!), lookups), pod)
  }
  const afterNode: NodeHint = ({ requiredAffinity, requiredAntiAffinity }, old, node) => {
    const value = (key: string) => node?.metadata.labels?.[key]
    const former = (key: string) => old?.metadata.labels?.[key]
    const nearer = requiredAffinity.some(
      ({ topologyKey: key }) => value(key) !== undefined && value(key) !== former(key),
    )
    if (nearer) return true
    return requiredAntiAffinity.some(
      ({ topologyKey: key }) => !old || (former(key) !== undefined && value(key) !== former(key)),
    )
  }
  return {
    name,
    events: [
      {
        resource: 'AssignedPod',
        actions: action.add | action.podLabel | action.delete,
        hint: afterPod as QueueingHint,
      },
      { resource: 'TargetPod', actions: action.podLabel },
      { resource: 'Node', actions: action.add | action.nodeLabel, hint: afterNode as QueueingHint },
    ],
    preFilter(state, pod) {
      const reckoned = reckonRequired(pod, cache, lookups)
      if (!reckoned) return skip
      state.write(required, reckoned)
      return undefined
    },
    addPod: (state, pod, added, node) => count(state.read(required), pod, added, node, 1),
    removePod: (state, pod, removed, node) => count(state.read(required), pod, removed, node, -1),
    filter(state, pod, node) {
      const reckoned = state.read(required)
      if (!isNear(reckoned, pod, node)) return notNear
      if (!isAway(reckoned, node)) return tooNear
      return reckoned.unwelcome.anyOn(node) ? unwelcome : undefined
    },
    preScore(state, pod) {
      const wishes = pod.preferredAffinity.length + pod.preferredAntiAffinity.length
      if (args.ignorePreferredTermsOfExistingPods && wishes === 0) return skip
      const reckoned = reckonPreferred(pod, cache, lookups, args.hardPodAffinityWeight)
      if (!reckoned) return skip
      state.write(preferred, reckoned)
      return undefined
    },
    score(state, _, node) {
      const weights = state.read(preferred)
      let score = 0
      for (const key of weights.keys) score += weights.ofNode(key, node)
      return score
    },
    normalize: (_, __, ___, scores) => normalizeRange(scores),
  }
}
