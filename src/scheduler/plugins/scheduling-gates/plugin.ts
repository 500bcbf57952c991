import { action } from '../../framework/cluster-event.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'

const name = 'SchedulingGates'

/** Holds a pod back until its gates are removed (KEP 3521, plugins/schedulinggates). */
export const schedulingGates: SchedulerPlugin = {
  name,
  events: [{ resource: 'TargetPod', actions: action.podSchedulingGatesEliminated }],
  preEnqueue({ pod }) {
    const gates = (pod.spec?.schedulingGates ?? []).map((gate) => gate.name)
    return gates.length === 0 ? undefined : unresolvable(name, `waiting for scheduling gates: [${gates.join(' ')}]`)
  },
}
