import { defineCommand } from '../command/command.ts'
import { numberFlag, stringFlag } from '../command/flags.ts'
import { aloneFlags, runAlone } from '../run-alone.ts'

export const simulatedNodesCommand = defineCommand({
  name: 'simulated-nodes',
  summary: 'Add nodes whose pods run only in memory, to any API server of Kubernetes.',
  description:
    'Add nodes whose pods run only in memory, as long as this runs. --kubeconfig is that of somebody who may impersonate nodes.',
  examples: ['skiff simulated-nodes --kubeconfig admin.conf --nodes 100'],
  flags: {
    ...aloneFlags,
    nodes: numberFlag('How many.', { default: 1, min: 1 }),
    'cluster-dns': stringFlag('The name server of pods.', { default: '10.96.0.10', placeholder: 'ADDRESS' }),
  },
  async run(flags, _args, invocation) {
    const { simulatedNodesAlone } = await import('../../cluster/alone/simulated-nodes.ts')
    return runAlone(flags, invocation, undefined, (clients, { clock, log }) =>
      simulatedNodesAlone({ clients, nodes: flags.nodes, clusterDNS: flags['cluster-dns'], clock, log }),
    )
  },
})
