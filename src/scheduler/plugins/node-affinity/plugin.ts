import {
  namedNodes,
  type NodeMatcher,
  nodeSelectorMatcher,
  preferenceScore,
  preferredNodeAffinity,
  requiredNodeAffinity,
} from '../../../api/core/v1/node-affinity.ts'
import type { Node } from '../../../api/types.generated.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import {
  type NodeHint,
  normalizeToHighest,
  type QueueingHint,
  type SchedulerPlugin,
  skip,
} from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'NodeAffinity'
const mismatch = unresolvable(name, "node(s) didn't match Pod's node affinity/selector")
const conflict = unresolvable(name, 'pod affinity terms conflict')

const enforced = unresolvable(name, "node(s) didn't match scheduler-enforced node affinity")

const required = new StateKey<NodeMatcher>(`${name}/required`)
const preferred = new StateKey<(node: Node) => number>(`${name}/preferred`)
const anyNode: NodeMatcher = { matches: () => true }

/**
 * Keeps a pod to the nodes of its selector and required affinity, and prefers those that it prefers (plugins/nodeaffinity).
 * What the arguments add holds for all pods.
 */
export function nodeAffinity({ addedAffinity }: PluginArguments['NodeAffinity']): SchedulerPlugin {
  const addedTerms = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const added = addedTerms && nodeSelectorMatcher(addedTerms)
  const addedWishes = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution
  const addedScore = addedWishes && addedWishes.length > 0 ? preferenceScore(addedWishes) : undefined
  const afterNode: NodeHint = ({ pod }, old, node) => {
    if (added && node && !added.matches(node)) return false
    const own = requiredNodeAffinity(pod)
    const matches = (candidate: Node | undefined) => candidate !== undefined && (own?.matches(candidate) ?? true)
    return matches(node) && (old === undefined || !matches(old))
  }
  return {
    name,
    events: [{ resource: 'Node', actions: action.add | action.nodeLabel, hint: afterNode as QueueingHint }],
    preFilter(state, { pod }) {
      const matcher = requiredNodeAffinity(pod)
      if (!matcher && !added) return skip
      state.write(required, matcher ?? anyNode)
      const names = namedNodes(pod)
      return names?.size === 0 ? conflict : names
    },
    filter(state, { pod }, { node }) {
      if (added && !added.matches(node!)) return enforced
      const matcher = state.find(required) ?? requiredNodeAffinity(pod) ?? anyNode
      return matcher.matches(node!) ? undefined : mismatch
    },
    preScore(state, { pod }) {
      const score = preferredNodeAffinity(pod)
      if (!score && !addedScore) return skip
      if (score) state.write(preferred, score)
      return undefined
    },
    score: (state, _, { node }) => (addedScore?.(node!) ?? 0) + (state.find(preferred)?.(node!) ?? 0),
    normalize: (_, __, ___, scores) => normalizeToHighest(scores, false),
  }
}
