import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { simulatedNode } from '../node/simulated-node.ts'
import { clusterDomain, nodeName } from '../settings.ts'
import type { KubeconfigClients } from './kubeconfig-clients.ts'

/**
 * Nodes of any Kubernetes whose pods run only in memory. Each acts as the node it is; the kubeconfig's user must be
 * allowed to impersonate them.
 */
export function simulatedNodesAlone(options: {
  readonly clients: KubeconfigClients
  readonly nodes: number
  readonly clusterDNS: string
  readonly clock: Clock
  readonly log: Logger
}): Component {
  const { clients, clusterDNS, clock, log } = options
  const nodes = Array.from({ length: options.nodes }, (_, index) => {
    const name = nodeName(index + 1)
    const client = clients.client('kubelet', {
      user: `system:node:${name}`,
      groups: ['system:nodes', 'system:authenticated'],
    })
    return simulatedNode({ name, index, client, clusterDNS, clusterDomain, clock, log: log.child({ node: name }) })
  })
  return {
    name: 'simulated-nodes',
    async start() {
      await Promise.all(nodes.map((node) => node.start()))
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}
