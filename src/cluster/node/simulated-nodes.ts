import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { ControlPlane } from '../control-plane.ts'
import { step, type Progress } from '../progress.ts'
import { clusterDomain, dnsServiceAddress, nodeName, type ClusterSettings } from '../settings.ts'
import { nodesReady } from '../wait-ready.ts'
import type { RunningNodes } from './machine-nodes.ts'
import { simulatedNode } from './simulated-node.ts'

export interface SimulatedNodesOptions {
  readonly settings: ClusterSettings
  readonly controlPlane: ControlPlane
  readonly clock: Clock
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

const readyTimeoutMs = 60_000

/** Starts nodes whose pods run only in memory, all in this process, each with its own identity. */
export async function startSimulatedNodes(options: SimulatedNodesOptions): Promise<RunningNodes> {
  const { settings, controlPlane, clock, log, progress, signal } = options
  const names = Array.from({ length: settings.nodes }, (_, index) => nodeName(index + 1))
  const nodes = names.map((name, index) =>
    simulatedNode({
      name,
      index,
      client: controlPlane.clientAs({
        name: `system:node:${name}`,
        groups: ['system:nodes', 'system:authenticated'],
      }),
      clusterDNS: dnsServiceAddress(settings.network),
      clusterDomain,
      clock,
      log: log.child({ node: name }),
    }),
  )
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
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
