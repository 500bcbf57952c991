import type { Duplex } from 'node:stream'
import type { Pki } from '../../apiserver/pki/pki.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { ControlPlane } from '../control-plane.ts'
import { step, type Progress } from '../progress.ts'
import { clusterDomain, dnsServiceAddress, nodeName, type ClusterSettings } from '../settings.ts'
import { nodesReady } from '../wait-ready.ts'
import type { RunningNodes } from './machine-nodes.ts'
import { simulatedKubeletServer } from './simulated-kubelet-server.ts'
import { simulatedNode } from './simulated-node.ts'
import { removeSurplusNodes } from './surplus-nodes.ts'

export interface SimulatedNodesOptions {
  readonly settings: ClusterSettings
  readonly controlPlane: ControlPlane
  readonly pki: Pki
  /** Where the API server finds the kubelets, which are added here. */
  readonly localKubelets: Map<string, () => Duplex>
  readonly clock: Clock
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

const readyTimeoutMs = 60_000

/** Starts nodes whose pods run only in memory, all in this process, each with its own identity. */
export async function startSimulatedNodes(options: SimulatedNodesOptions): Promise<RunningNodes> {
  const { settings, controlPlane, pki, localKubelets, clock, log, progress, signal } = options
  const names = Array.from({ length: settings.nodes }, (_, index) => nodeName(index + 1))
  const nodes = names.map((name, index) => {
    const client = controlPlane.clientAs({
      name: `system:node:${name}`,
      groups: ['system:nodes', 'system:authenticated'],
    })
    const nodeLog = log.child({ node: name })
    const node = simulatedNode({
      name,
      index,
      client,
      clusterDNS: dnsServiceAddress(settings.network),
      clusterDomain,
      clock,
      log: nodeLog,
    })
    const server = simulatedKubeletServer({ node, client, pki, clock, log: nodeLog })
    localKubelets.set(name, server.dial)
    return { ...node, server }
  })
  const stop = async () => {
    await Promise.all(nodes.map(({ server }) => server.stop()))
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    await removeSurplusNodes({
      client: controlPlane.client,
      count: settings.nodes,
      onHost: [],
      destroy: async () => {},
      progress,
    })
    await step(
      progress,
      settings.nodes === 1 ? 'simulated node started' : `${settings.nodes} simulated nodes started`,
      () => Promise.all(nodes.map((node) => node.start())),
    )
    await step(progress, 'nodes ready', () => nodesReady(controlPlane.informers, names, clock, readyTimeoutMs, signal))
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
