import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Clock, pause } from '../../machinery/clock.ts'
import { missingTool, type RunCommand } from '../../machinery/command.ts'
import type { Logger } from '../../machinery/log.ts'
import {
  identify,
  isRunning,
  namespaceOf,
  type ProcessIdentity,
  processesInNamespace,
  processIds,
  signalProcess,
} from '../../machinery/process-identity.ts'
import { type CgroupLayout, makeCgroups, readCgroupLayout, removeCgroups } from './cgroups.ts'
import { closeFirewall, openFirewall } from './host-firewall.ts'
import type { HostLedger } from './host-ledger.ts'
import { childOf, lastWords, type Machine, MachineError, type MachineRecord, openMachine } from './machine.ts'
import {
  bridgeBatch,
  cableBatch,
  cableName,
  checkNetwork,
  deleteHostRules,
  hostRules,
  insideBatch,
  type MachineNetwork,
} from './machine-network.ts'
import { readResolvConf } from './resolv-conf.ts'
import { checkFolder, isMachineCommandLine, machineCommand, privateFolders, readyLine } from './machine-script.ts'

export interface MachineSpec {
  /** The node's name, and the machine's hostname. */
  readonly name: string
  /** Where its data lies; its own. */
  readonly folder: string
  /** In the network's ranges, without prefix, and no gateway. */
  readonly addresses: readonly string[]
}

/** Makes, finds and ends the machines of one cluster on this host. Needs root, iproute2, util-linux and nftables. */
export interface MachineHost {
  readonly network: MachineNetwork
  /** Takes the name of the bridge for this cluster; false: another cluster of this host has it. */
  claim(): boolean
  /** Makes the bridge, the host's rules and settings that are missing; safe to repeat. Throws when `claim` is refused. */
  open(): Promise<void>
  /** Adopts the machine if it runs as wanted; else removes what is left of it and makes it. Data stays. */
  create(spec: MachineSpec): Promise<Machine>
  /** The machine that runs with its data in this folder. */
  find(folder: string): Machine | undefined
  /** Ends a machine or what is left of one: processes, mounts, links, control groups; and its data when `data`. */
  destroy(spec: Pick<MachineSpec, 'name' | 'folder'>, options: { data: boolean }): Promise<void>
  /** Removes the bridge and restores the host. The machines must be gone. */
  close(): Promise<void>
}

export interface MachineHostOptions {
  readonly network: MachineNetwork
  readonly run: RunCommand
  readonly clock: Clock
  readonly log: Logger
  readonly ledger: HostLedger
  /** The cluster's data folder. */
  readonly owner: string
  /** Whether a cluster of this folder runs, though it has made no bridge yet. */
  readonly isStarting?: (owner: string) => boolean
  readonly cgroups?: CgroupLayout
}

const recordFile = (folder: string) => join(folder, 'machine.json')

function readRecord(folder: string): MachineRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(folder), 'utf8'))
  } catch {
    return undefined
  }
}

export function createMachineHost(options: MachineHostOptions): MachineHost {
  const { network, run, clock, log, ledger, owner, isStarting = () => false, cgroups = readCgroupLayout() } = options
  checkNetwork(network)
  const idOf = (name: string) => `${network.bridge}-${name}`
  const ip = (batch: string) => run('ip', ['-batch', '-'], { input: batch })
  const deleteLink = async (link: string) => {
    if (!linkExists(link)) return
    // The kernel takes a cable away by itself when its other end goes; losing that race is fine.
    await run('ip', ['link', 'delete', 'dev', link]).catch((error) => {
      if (linkExists(link)) throw error
    })
  }

  const claim = () => ledger.enter(network.bridge, owner, (other) => linkExists(network.bridge) || isStarting(other))
  /** Whether what bears this cluster's names belongs to another one. */
  const isForeign = () => ![undefined, owner].includes(ledger.ownerOf(network.bridge))

  async function remove({ name, folder: given }: Pick<MachineSpec, 'name' | 'folder'>, data: boolean): Promise<void> {
    const folder = resolve(given)
    const id = idOf(name)
    const record = readRecord(folder)
    const recorded = record === undefined ? [] : [record.holder, record.first]
    await kill([...recorded.filter(isRunning), ...strays(id, folder)], clock)
    if (!isForeign()) {
      await deleteLink(cableName(network.bridge, name))
      await removeCgroups(cgroups, id, clock)
    }
    rmSync(recordFile(folder), { force: true })
    if (data) await rm(folder, { recursive: true, force: true })
  }

  async function make({ name, folder: given, addresses }: MachineSpec): Promise<Machine> {
    const folder = resolve(given)
    checkFolder(folder)
    const id = idOf(name)
    for (const path of privateFolders) {
      ledger.makeFolder(path)
      mkdirSync(join(folder, 'root', path), { recursive: true })
    }
    makeCgroups(cgroups, id)
    const logFile = join(folder, 'machine.log')
    const out = openSync(logFile, 'w', 0o600)
    const resolvConf = readResolvConf()
    if (resolvConf !== undefined) writeFileSync(join(folder, 'resolv.conf'), resolvConf.text)
    const [tool = '', ...args] = machineCommand({ id, folder, hostname: name, resolvConf: resolvConf?.target })
    const child = spawn(tool, args, { detached: true, cwd: '/', stdio: ['ignore', 'pipe', out] })
    closeSync(out)
    await ready(child, logFile)
    const first = await childOf(child, clock)
    const holder = identify(child.pid ?? 0)
    child.unref()
    if (first === undefined || holder === undefined)
      throw new MachineError(`node ${name} ended at once: ${lastWords(logFile)}`)
    const record: MachineRecord = { id, name, addresses, holder, first }
    writeFileSync(recordFile(folder), JSON.stringify(record))
    const machine = openMachine(folder, record, clock)
    await ip(cableBatch(network, name, first.pid))
    await run('nsenter', ['--net', '--target', String(first.pid), '--', 'ip', '-batch', '-'], {
      input: insideBatch(network, addresses),
    })
    return machine
  }

  const find = (given: string): Machine | undefined => {
    const folder = resolve(given)
    const record = readRecord(folder)
    return record !== undefined && isRunning(record.first) ? openMachine(folder, record, clock) : undefined
  }

  return {
    network,
    claim,
    async open() {
      if (!claim()) {
        throw new Error(
          `this cluster's network ${network.bridge} is in use by the cluster in ${ledger.ownerOf(network.bridge)}: end that one first (skiff down --data-dir ${ledger.ownerOf(network.bridge)})`,
        )
      }
      ledger.setSysctl('net.ipv4.ip_forward', '1')
      if (network.subnets.some((subnet) => subnet.includes(':'))) ledger.setSysctl('net.ipv6.conf.all.forwarding', '1')
      if (!linkExists(network.bridge)) await ip(bridgeBatch(network))
      await run('nft', ['-f', '-'], { input: hostRules(network) })
      await openFirewall(run, network)
    },
    async create(spec) {
      const running = find(spec.folder)
      if (running !== undefined) {
        const same = running.id === idOf(spec.name) && running.addresses.join() === spec.addresses.join()
        if (same && linkExists(cableName(network.bridge, spec.name))) return running
        log.warn('a node is made anew, since it ran with other settings', { node: spec.name })
      }
      await remove(spec, false)
      try {
        return await make(spec)
      } catch (error) {
        await remove(spec, false)
        throw error
      }
    },
    find,
    destroy: (spec, { data }) => remove(spec, data),
    async close() {
      if (isForeign()) return
      try {
        await closeFirewall(run, network)
        await deleteLink(network.bridge)
        await run('nft', ['-f', '-'], { input: deleteHostRules(network) })
      } finally {
        ledger.leave(network.bridge, (tenant) => tenant !== network.bridge && linkExists(tenant))
      }
    },
  }
}

/** The links of this process's network namespace; unlike /sys/class/net, which is that of whoever mounted it. */
function linkExists(link: string): boolean {
  return parseNetDevices(readFileSync('/proc/net/dev', 'utf8')).includes(link)
}

/** The names in the text of /proc/net/dev. */
export function parseNetDevices(text: string): string[] {
  return text.split('\n').flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? [])
}

/** Resolves when the first process says that it is ready. */
function ready(child: ChildProcess, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(missingTool('unshare')) : error),
    )
    child.once('exit', () => reject(new MachineError(`the namespaces of a node cannot be made: ${lastWords(logFile)}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (!said.includes(`${readyLine}\n`)) return
      child.stdout?.destroy()
      resolve()
    })
  })
}

/** Processes of a machine that no pid file names, after a Skiff that was killed while it made one. */
function strays(id: string, folder: string): ProcessIdentity[] {
  return processIds().flatMap((pid) => {
    try {
      if (!isMachineCommandLine(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), id, folder)) return []
    } catch {
      return []
    }
    return identify(pid) ?? []
  })
}

/** Ends processes and everything in the PID namespaces below them. The kernel ends a namespace with its first process. */
async function kill(processes: readonly ProcessIdentity[], clock: Clock): Promise<void> {
  const own = namespaceOf(process.pid, 'pid')
  const inside = processes
    .map(({ pid }) => namespaceOf(pid, 'pid'))
    .filter((name) => name !== own && name !== undefined)
  for (const identity of processes) signalProcess(identity, 'SIGKILL')
  for (let attempt = 0; ; attempt++) {
    const left = [
      ...processes.filter(isRunning).map(({ pid }) => pid),
      ...[...new Set(inside)].flatMap((name) => processesInNamespace('pid', name ?? '')),
    ]
    if (left.length === 0) return
    if (attempt === 500) throw new Error(`these processes cannot be ended: ${left.join(', ')}`)
    await pause(clock, 20)
  }
}
