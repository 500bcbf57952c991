import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../machinery/clock.ts'
import { runCommand } from '../machinery/command.ts'
import { type Logger, silentLogger } from '../machinery/log.ts'
import { createHostLedger } from './machine/host-ledger.ts'
import { createMachineHost, type MachineHost } from './machine/machine-host.ts'
import { step, type Progress } from './progress.ts'
import { clusterNetwork, type ClusterNetwork } from './settings.ts'
import { clearState, readSettings, runningProcess } from './state/cluster-state.ts'
import { clusterPaths, type ClusterPaths } from './state/paths.ts'

/** The host of a cluster's machines. `mtu` matters to those that are made. */
export function machineHostOf(
  network: ClusterNetwork,
  paths: ClusterPaths,
  { log = silentLogger, mtu = 1500 }: { log?: Logger; mtu?: number } = {},
): MachineHost {
  return createMachineHost({
    network: { bridge: network.bridge, subnets: [network.nodes], mtu },
    owner: paths.root,
    isStarting: (owner) => runningProcess(clusterPaths(owner)) !== undefined,
    run: runCommand,
    clock: systemClock,
    log,
    ledger: createHostLedger(),
  })
}

/**
 * Removes from the host whatever a cluster of this folder made and nobody runs any more: machines with their processes
 * and mounts, links, rules, control groups. Safe to repeat. The data stays, unless `data`.
 */
export async function removeLeftovers(
  paths: ClusterPaths,
  progress: Progress,
  options: { readonly data: boolean },
): Promise<void> {
  const network = usedNetwork(paths, options)
  if (network !== undefined && process.getuid?.() === 0) {
    const host = machineHostOf(network, paths)
    for (const name of existsSync(paths.nodes) ? readdirSync(paths.nodes).toSorted() : []) {
      await step(progress, `node ${name} removed`, () =>
        host.destroy({ name, folder: paths.node(name) }, { data: options.data }),
      )
    }
    await step(progress, 'host restored', () => host.close())
  }
  clearState(paths)
  if (options.data) rmSync(paths.root, { recursive: true, force: true })
}

/** The network of the cluster's machines. When its data goes anyway, settings that are damaged do not hold that up. */
function usedNetwork(paths: ClusterPaths, { data }: { readonly data: boolean }): ClusterNetwork | undefined {
  try {
    const settings = readSettings(paths)
    return settings?.runtime === 'containerd' ? settings.network : undefined
  } catch (error) {
    if (!data) throw error
    const [index] = existsSync(paths.nodes)
      ? readdirSync(paths.nodes).flatMap((name) => networkIndex(paths.node(name)))
      : []
    return index === undefined ? undefined : clusterNetwork(index)
  }
}

/** Told by the name of a machine that was made: `skiff0-node1`. */
function networkIndex(folder: string): number[] {
  try {
    const { id } = JSON.parse(readFileSync(join(folder, 'machine.json'), 'utf8')) as { id: string }
    return [Number(/^skiff(\d+)-/.exec(id)?.[1] ?? Number.NaN)].filter(Number.isInteger)
  } catch {
    return []
  }
}
