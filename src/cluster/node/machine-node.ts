import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Pki } from '../../apiserver/pki/pki.ts'
import { dockerArchive, hostArchitecture } from '../../kubelet/images/archive/docker-archive.ts'
import { pauseImage } from '../../kubelet/images/archive/pause.ts'
import type { Clock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import type { Logger } from '../../machinery/log.ts'
import { programFile } from '../../machinery/program-files.ts'
import { importImages } from '../images.ts'
import { localVolumeKeeper } from '../local-volumes.ts'
import { containerdSocket, startContainerd } from '../machine/containerd.ts'
import type { Daemon, Machine } from '../machine/machine.ts'
import type { MachineHost } from '../machine/machine-host.ts'
import {
  clusterDomain,
  dnsServiceAddress,
  hostAddress,
  nodeAddress,
  nodeName,
  type ClusterSettings,
} from '../settings.ts'
import type { ClusterPaths } from '../state/paths.ts'
import { nodeDnsPort, sandboxImage, type AgentConfig } from './agent-config.ts'
import { hostNameServers } from './resolvers.ts'
import { superviseDaemon, type Supervised } from './supervise.ts'

export interface MachineNodeOptions {
  readonly settings: ClusterSettings
  readonly paths: ClusterPaths
  readonly host: MachineHost
  readonly pki: Pki
  readonly containerd: string | undefined
  readonly mirrors: Readonly<Record<string, string>>
  readonly logLevel: AgentConfig['logLevel']
  readonly clock: Clock
  readonly log: Logger
}

/** A node that runs: its machine, its containerd and its agent, both watched and started again when they end. */
export interface MachineNode {
  readonly name: string
  readonly machine: Machine
  stop(): Promise<void>
}

const launcher = programFile('cli/main.ts')

/** Makes the node's machine, or adopts the one that runs with its pods, and starts what belongs into it. */
export async function startMachineNode(index: number, options: MachineNodeOptions): Promise<MachineNode> {
  const { settings, paths, host, clock } = options
  const name = nodeName(index)
  const folder = paths.node(name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = options.log.child({ node: name })
  const machine = await host.create({ name, folder, addresses: [nodeAddress(settings.network, index)] })
  const startRuntime = async (): Promise<Daemon> => {
    const daemon = await startContainerd(machine, runCommand, clock, {
      binary: options.containerd,
      sandboxImage,
      mirrors: reachable(options.mirrors, hostAddress(settings.network)),
      runtimeHandlers: ['test-handler'],
    })
    if (!daemon.adopted)
      await importImages(
        machine,
        Readable.from([dockerArchive([pauseImage(sandboxImage, hostArchitecture())], hostArchitecture())]),
      )
    return daemon
  }
  const config = join(folder, 'agent.json')
  writeFileSync(config, JSON.stringify(agentConfig(index, options, machine)), { mode: 0o600 })
  const startAgent = (): Promise<Daemon> =>
    machine.startDaemon({
      name: 'agent',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', launcher, 'node-agent', '--config', config],
    })

  // Side by side: while containerd starts, the agent loads, and waits for it.
  const [containerd, old] = await Promise.all([superviseDaemon({ start: startRuntime, clock, log }), startAgent()])
  // An agent of before may be of another version: it is replaced, the pods that it kept go on.
  if (old.adopted) await old.stop()
  const agent: Supervised = await superviseDaemon({
    start: startAgent,
    first: old.adopted ? undefined : old,
    clock,
    log,
  })
  return {
    name,
    machine,
    async stop() {
      await agent.stop()
      await containerd.release()
    },
  }
}

/** `{host}` in a mirror's URL is this host, as its nodes reach it. */
function reachable(mirrors: Readonly<Record<string, string>>, host: string): Record<string, string> {
  return Object.fromEntries(Object.entries(mirrors).map(([registry, url]) => [registry, url.replace('{host}', host)]))
}

function agentConfig(
  index: number,
  { settings, host, pki, logLevel }: MachineNodeOptions,
  machine: Machine,
): AgentConfig {
  const name = nodeName(index)
  const address = nodeAddress(settings.network, index)
  const files = ({ certificateFile, privateKeyFile }: { certificateFile: string; privateKeyFile: string }) => ({
    cert: certificateFile,
    key: privateKeyFile,
  })
  return {
    nodeName: name,
    nodeIP: address,
    server: `https://${hostAddress(settings.network)}:${settings.port}`,
    clusterDNS: dnsServiceAddress(settings.network),
    clusterDomain,
    podCidrs: [settings.network.pods],
    serviceCidrs: [settings.network.services],
    nodeCidrs: [settings.network.nodes],
    mtu: host.network.mtu,
    cgroupRoot: machine.cgroupRoot,
    containerdSocket,
    dnsPort: nodeDnsPort,
    forward: hostNameServers(),
    logLevel,
    pki: {
      ca: pki.clusterAuthority.certificateFile,
      bootstrap: files(pki.nodeBootstrap(name)),
      proxy: files(pki.client('kube-proxy', 'system:kube-proxy')),
      localVolumes: files(pki.client('local-volumes', localVolumeKeeper)),
    },
  }
}
