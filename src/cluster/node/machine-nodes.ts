import { readdirSync } from 'node:fs'
import type { Pki } from '../../apiserver/pki/pki.ts'
import type { Clock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { createLoadBalancerAllocator } from '../../network/load-balancer/load-balancer-allocator.ts'
import { createNodeNetwork } from '../../network/node-network.ts'
import { createProxier } from '../../proxy/proxier.ts'
import type { ControlPlane } from '../control-plane.ts'
import { createDnsService } from '../dns-service.ts'
import type { MachineHost } from '../machine/machine-host.ts'
import { step, type Progress } from '../progress.ts'
import {
  addressIn,
  clusterDomain,
  dnsServiceAddress,
  hostAddress,
  nodeAddress,
  nodeName,
  type ClusterSettings,
} from '../settings.ts'
import type { ClusterPaths } from '../state/paths.ts'
import { dnsAnswers, nodesReady } from '../wait-ready.ts'
import { nodeDnsPort } from './agent-config.ts'
import { startMachineNode, type MachineNode } from './machine-node.ts'
import { removeSurplusNodes } from './surplus-nodes.ts'

export interface MachineNodesOptions {
  readonly settings: ClusterSettings
  readonly paths: ClusterPaths
  readonly pki: Pki
  readonly controlPlane: ControlPlane
  readonly host: MachineHost
  readonly containerd: string | undefined
  readonly mirrors: Readonly<Record<string, string>>
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly clock: Clock
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Whether a start that fails leaves the nodes as they are: containers of before run there. */
  readonly keepOnFailure: boolean
}

/** Nodes that were started. */
export interface RunningNodes {
  /** Ends the nodes and what the host had to reach them. With `keep` containers and rules go on, for the next start. */
  stop(progress: Progress, options?: { keep: boolean }): Promise<void>
}

const readyTimeoutMs = 120_000
/** The last 64 addresses of the nodes' range are for Services of type LoadBalancer. */
const loadBalancerRange = (settings: ClusterSettings) => `${addressIn(settings.network.nodes, 192)}/26`

/** Starts the nodes and what the host itself needs to reach pods and services. Resolves when all is ready and DNS answers. */
export async function startMachineNodes(options: MachineNodesOptions): Promise<RunningNodes> {
  const { settings, paths, controlPlane, host, clock, log, progress, signal } = options
  const { network } = settings
  const { informers, client } = controlPlane
  const started: MachineNode[] = []
  const ipv4 = [network.pods, network.services, network.nodes]
  const routes = createNodeNetwork({
    informers,
    link: network.bridge,
    clusterCidrs: ipv4,
    onLinkCidrs: [network.services, loadBalancerRange(settings)],
    mtu: host.network.mtu,
    table: `skiff-network-${network.bridge}`,
    run: runCommand,
    clock,
    log: log.child({ component: 'network' }),
  })
  const proxier = createProxier({
    informers,
    mode: 'host',
    nodeIps: [hostAddress(network)],
    podCidrs: [network.pods],
    serviceCidrs: [network.services],
    localhostLink: network.bridge,
    table: `skiff-proxy-${network.bridge}`,
    run: runCommand,
    clock,
    log: log.child({ component: 'proxy' }),
  })
  const components: Component[] = [
    routes,
    proxier,
    createLoadBalancerAllocator({
      client,
      informers,
      ranges: [loadBalancerRange(settings)],
      clock,
      log: log.child({ component: 'load-balancer' }),
    }),
    createDnsService({
      client,
      informers,
      clusterIP: dnsServiceAddress(network),
      port: nodeDnsPort,
      clock,
      log: log.child({ component: 'dns-service' }),
    }),
  ]
  const stop: RunningNodes['stop'] = async (show, { keep } = { keep: false }) => {
    await Promise.all(started.map((node) => node.stop()))
    await Promise.all(components.map((component) => component.stop()))
    if (keep) return
    await Promise.all([routes.remove(), proxier.remove()])
    await Promise.all(
      started.map((node) =>
        step(show, `node ${node.name} removed`, () =>
          host.destroy({ name: node.name, folder: paths.node(node.name) }, { data: false }),
        ),
      ),
    )
  }
  try {
    const names = Array.from({ length: settings.nodes }, (_, index) => nodeName(index + 1))
    await removeSurplusNodes({
      client,
      count: settings.nodes,
      onHost: readdirSync(paths.nodes),
      destroy: (name) => host.destroy({ name, folder: paths.node(name) }, { data: true }),
      progress,
    })
    await step(progress, settings.nodes === 1 ? 'node started' : `${settings.nodes} nodes started`, () =>
      allDone([
        ...components.map((component) => component.start()),
        ...names.map(async (_name, index) => void started.push(await startMachineNode(index + 1, options))),
      ]),
    )
    await step(progress, settings.nodes === 1 ? 'node ready' : 'nodes ready', () =>
      nodesReady(informers, names, clock, readyTimeoutMs, signal),
    )
    await step(progress, 'DNS answers', () =>
      dnsAnswers(nodeAddress(network, 1), nodeDnsPort, clusterDomain, clock, readyTimeoutMs, signal),
    )
  } catch (error) {
    await stop(() => {}, { keep: options.keepOnFailure }).catch((also: unknown) =>
      log.error('clean-up after a failed start failed', { error: also }),
    )
    throw error
  }
  return { stop }
}

/** Waits for all, also when one fails, so that nothing is still being made when the rest is taken down. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
