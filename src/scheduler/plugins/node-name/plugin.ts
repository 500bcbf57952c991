import { action } from '../../framework/cluster-event.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'NodeName'
const mismatch = unresolvable(name, "node(s) didn't match the requested node name")

/** Keeps a pod that names its node to that node (plugins/nodename). */
export const nodeName: SchedulerPlugin = {
  name,
  events: [{ resource: 'Node', actions: action.add }],
  preFilter: (_, pod) => (pod.nodeName === '' ? undefined : new Set([pod.nodeName])),
  filter: (_, pod, node) => (pod.nodeName === '' || pod.nodeName === node.name ? undefined : mismatch),
}
