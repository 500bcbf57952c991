import { anyTolerates, type TaintEffect, untoleratedTaint } from '../../../api/core/v1/toleration.ts'
import type { Node, Toleration } from '../../../api/types.generated.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import { type NodeHint, normalizeToHighest, type QueueingHint, type SchedulerPlugin } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'TaintToleration'
const untolerated = unresolvable(name, 'node(s) had untolerated taint(s)')
const hardEffects: readonly TaintEffect[] = ['NoSchedule', 'NoExecute']

const bears = ({ pod }: PodInfo, node: Node | undefined) =>
  untoleratedTaint(node?.spec?.taints, pod.spec?.tolerations, hardEffects) === undefined
const afterNode: NodeHint = (pod, old, node) => bears(pod, node) && (!old || !bears(pod, old))

const softTolerations = new StateKey<readonly Toleration[]>(name)

/** Keeps pods off tainted nodes that they do not tolerate; prefers nodes with few soft taints (plugins/tainttoleration). */
export const taintToleration: SchedulerPlugin = {
  name,
  alsoAt: ['preFilter'],
  events: [
    { resource: 'Node', actions: action.add | action.nodeTaint, hint: afterNode as QueueingHint },
    { resource: 'TargetPod', actions: action.podToleration },
  ],
  filter: (_, pod, { node }) => (bears(pod, node) ? undefined : untolerated),
  preScore(state, { pod }) {
    const soft = (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule')
    state.write(softTolerations, soft)
    return undefined
  },
  score(state, _, { node }) {
    const tolerations = state.read(softTolerations)
    let count = 0
    for (const taint of node?.spec?.taints ?? []) {
      if (taint.effect === 'PreferNoSchedule' && !anyTolerates(tolerations, taint)) count++
    }
    return count
  },
  normalize: (_, __, ___, scores) => normalizeToHighest(scores, true),
}
