import { hostPortsOf, portsConflict } from '../../cache/host-ports.ts'
import { action } from '../../framework/cluster-event.ts'
import { type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unschedulable } from '../../framework/rejection.ts'

const name = 'NodePorts'
const taken = unschedulable(name, "node(s) didn't have free ports for the requested pod ports")

const afterDeletion: PodHint = ({ hostPorts }, deleted) => {
  if (!deleted?.spec?.nodeName && !deleted?.status?.nominatedNodeName) return false
  return hostPortsOf(deleted).some((freed) => hostPorts.some((wanted) => portsConflict(wanted, freed)))
}

/** Gives each port of a node to one pod (plugins/nodeports). */
export const nodePorts: SchedulerPlugin = {
  name,
  events: [
    { resource: 'AssignedPod', actions: action.delete, hint: afterDeletion as QueueingHint },
    { resource: 'Node', actions: action.add },
  ],
  preFilter: (_, { hostPorts }) => (hostPorts.length === 0 ? skip : undefined),
  filter(_, { hostPorts }, node) {
    for (const port of hostPorts) if (node.portTaken(port)) return taken
    return undefined
  },
}
