import { createInformerFactory } from '../../client/informer-factory.ts'
import { createKubelet } from '../../kubelet/kubelet.ts'
import { createSimulatedHost } from '../../kubelet/host/simulated-host.ts'
import { createSimulatedRuntime } from '../../kubelet/runtimes/simulated/runtime.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import type { ControlPlane } from '../control-plane.ts'
import { step, type Progress } from '../progress.ts'
import { addressIn, clusterDomain, dnsServiceAddress, nodeName, type ClusterSettings } from '../settings.ts'
import { nodesReady } from '../wait-ready.ts'

export interface SimulatedNodesOptions {
  readonly settings: ClusterSettings
  readonly controlPlane: ControlPlane
  readonly clock: Clock
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

const readyTimeoutMs = 60_000
/** Nodes that run nothing real may have addresses that lead nowhere (RFC 2544, for benchmarks). */
const addresses = '198.18.0.0/15'

/** Starts nodes whose pods run only in memory, all in this process, each with its own identity. */
export async function startSimulatedNodes(
  options: SimulatedNodesOptions,
): Promise<{ stop: (progress: Progress) => Promise<void> }> {
  const { settings, controlPlane, clock, log, progress, signal } = options
  const names = Array.from({ length: settings.nodes }, (_, index) => nodeName(index + 1))
  const kubelets = names.map((name, index) => {
    const client = controlPlane.clientAs({
      name: `system:node:${name}`,
      groups: ['system:nodes', 'system:authenticated'],
    })
    const nodeLog = log.child({ node: name })
    const informers = createInformerFactory({ client, clock, log: nodeLog })
    const kubelet = createKubelet({
      nodeName: name,
      client,
      informers,
      runtime: createSimulatedRuntime({ clock, random: systemRandom }),
      host: createSimulatedHost(),
      clock,
      random: systemRandom,
      log: nodeLog,
      nodeIPs: [addressIn(addresses, index + 1)],
      clusterDNS: [dnsServiceAddress(settings.network)],
      clusterDomain,
    })
    return { kubelet, informers }
  })
  const stop = async () => {
    await Promise.all(kubelets.map(({ kubelet }) => kubelet.stop()))
    await Promise.all(kubelets.map(({ informers }) => informers.stop()))
  }
  try {
    await step(
      progress,
      settings.nodes === 1 ? 'simulated node started' : `${settings.nodes} simulated nodes started`,
      () => Promise.all(kubelets.map(({ kubelet }) => kubelet.start())),
    )
    await step(progress, 'nodes ready', () => nodesReady(controlPlane.informers, names, clock, readyTimeoutMs, signal))
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
