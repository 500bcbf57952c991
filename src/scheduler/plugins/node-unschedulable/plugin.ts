import { anyTolerates } from '../../../api/core/v1/toleration.ts'
import type { Taint } from '../../../api/types.generated.ts'
import { action } from '../../framework/cluster-event.ts'
import type { NodeHint, PodHint, QueueingHint, SchedulerPlugin } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'NodeUnschedulable'
const cordoned = unresolvable(name, 'node(s) were unschedulable')
const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

const afterNode: NodeHint = (_, old, node) => !node?.spec?.unschedulable && (!old || old.spec?.unschedulable === true)
const afterToleration: PodHint = (_, __, changed) => anyTolerates(changed?.spec?.tolerations, taint)

/** Keeps pods off cordoned nodes, unless they tolerate that (plugins/nodeunschedulable). */
export const nodeUnschedulable: SchedulerPlugin = {
  name,
  alsoAt: ['preFilter'],
  events: [
    { resource: 'Node', actions: action.add | action.nodeTaint, hint: afterNode as QueueingHint },
    { resource: 'TargetPod', actions: action.podToleration, hint: afterToleration as QueueingHint },
  ],
  filter: (_, { pod }, { node }) =>
    node?.spec?.unschedulable && !anyTolerates(pod.spec?.tolerations, taint) ? cordoned : undefined,
}
