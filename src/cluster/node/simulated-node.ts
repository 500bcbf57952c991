import type { Client } from '../../client/client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { createSimulatedHost } from '../../kubelet/host/simulated-host.ts'
import { createKubelet, type Kubelet } from '../../kubelet/kubelet.ts'
import type { Runtime } from '../../kubelet/runtimes/runtime.ts'
import { createSimulatedRuntime } from '../../kubelet/runtimes/simulated/runtime.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { addressIn } from '../settings.ts'

/** Nodes that run nothing real may have addresses that lead nowhere (RFC 2544, for benchmarks). */
const addresses = '198.18.0.0/15'

export interface SimulatedNode extends Component {
  readonly kubelet: Kubelet
  readonly runtime: Runtime
  readonly address: string
}

/** A node whose pods run only in memory. `client` acts as the node; `index` counts the nodes, for their addresses. */
export function simulatedNode(options: {
  readonly name: string
  readonly index: number
  readonly client: Client
  readonly clusterDNS: string
  readonly clusterDomain: string
  readonly clock: Clock
  readonly log: Logger
}): SimulatedNode {
  const { name, index, client, clusterDNS, clusterDomain, clock, log } = options
  const informers = createInformerFactory({ client, clock, log })
  const runtime = createSimulatedRuntime({ clock, random: systemRandom })
  const address = addressIn(addresses, index + 1)
  const kubelet = createKubelet({
    nodeName: name,
    client,
    informers,
    runtime,
    host: createSimulatedHost(),
    clock,
    random: systemRandom,
    log,
    nodeIPs: [address],
    clusterDNS: [clusterDNS],
    clusterDomain,
  })
  return {
    name,
    kubelet,
    runtime,
    address,
    start: () => kubelet.start(),
    async stop() {
      await kubelet.stop()
      await informers.stop()
    },
  }
}
