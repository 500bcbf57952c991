import {
  namedNodes,
  type NodeMatcher,
  preferredNodeAffinity,
  requiredNodeAffinity,
} from '../../../api/core/v1/node-affinity.ts'
import type { Node } from '../../../api/types.generated.ts'
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

const afterNode: NodeHint = ({ pod }, old, node) => {
  const required = requiredNodeAffinity(pod)
  const matches = (candidate: Node | undefined) => candidate !== undefined && (required?.matches(candidate) ?? true)
  return matches(node) && (old === undefined || !matches(old))
}

const required = new StateKey<NodeMatcher>(`${name}/required`)
const preferred = new StateKey<(node: Node) => number>(`${name}/preferred`)

/** Keeps a pod to the nodes of its selector and required affinity, and prefers those that it prefers (plugins/nodeaffinity). */
export const nodeAffinity: SchedulerPlugin = {
  name,
  weight: 2,
  events: [{ resource: 'Node', actions: action.add | action.nodeLabel, hint: afterNode as QueueingHint }],
  preFilter(state, { pod }) {
    const matcher = requiredNodeAffinity(pod)
    if (!matcher) return skip
    state.write(required, matcher)
    const names = namedNodes(pod)
    return names?.size === 0 ? conflict : names
  },
  filter: (state, _, { node }) => (state.read(required).matches(node!) ? undefined : mismatch),
  preScore(state, { pod }) {
    const score = preferredNodeAffinity(pod)
    if (!score) return skip
    state.write(preferred, score)
    return undefined
  },
  score: (state, _, { node }) => state.read(preferred)(node!),
  normalize: (_, __, ___, scores) => normalizeToHighest(scores, false),
}
