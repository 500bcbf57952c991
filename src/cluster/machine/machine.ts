import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import { pause } from '../../machinery/clock.ts'
import { type RunCommand, runCommand } from '../../machinery/command.ts'
import {
  childrenOf,
  identify,
  isRunning,
  type ProcessIdentity,
  signalProcess,
} from '../../machinery/process-identity.ts'

/** A node's machine or one of its programs does not start; the message tells why and where to look. */
export class MachineError extends Error {
  override readonly name = 'MachineError'
}

/** What is written beside a machine's data, so that another Skiff finds it. */
export interface MachineRecord {
  /** `BRIDGE-NAME`: unlike that of every other machine on this host; also the name of its control group. */
  readonly id: string
  readonly name: string
  readonly addresses: readonly string[]
  /** The process that made the namespaces; killing it ends the machine. */
  readonly holder: ProcessIdentity
  /** The machine's process 1, as the host sees it. */
  readonly first: ProcessIdentity
}

export interface DaemonOptions {
  /** Names the pid file and the log: `containerd`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A program in a machine that outlives the Skiff that started it. */
export interface Daemon {
  readonly process: ProcessIdentity
  /** It ran already. */
  readonly adopted: boolean
  readonly logFile: string
  isRunning(): boolean
  /** SIGTERM, then SIGKILL after `graceMs` (default 5,000); resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
}

/** A node's home: network, mount, UTS and PID namespaces of this host, with their own first process. */
export interface Machine extends MachineRecord {
  readonly folder: string
  /** For the kubelet: `/skiff0-node1`, made in every hierarchy. */
  readonly cgroupRoot: string
  isRunning(): boolean
  /** The host's path of a file in the machine, sockets included, while it runs. */
  path(inside: string): string
  /** Runs a tool in the machine to its end. Its folder is `/`. */
  readonly run: RunCommand
  /** Starts a program in the machine that ends with its caller's pipes, not by signals to the returned process. */
  spawn(
    command: string,
    args: readonly string[],
    options?: { stdio?: StdioOptions; env?: Readonly<Record<string, string | undefined>> },
  ): ChildProcess
  /** Starts a daemon, or adopts the one that runs under this name. Its output goes to `FOLDER/NAME.log`. */
  startDaemon(options: DaemonOptions): Promise<Daemon>
}

/** The words before a command that take it into a machine. */
export function enterCommand(pid: number): string[] {
  return ['nsenter', '--mount', '--uts', '--net', '--pid', '--target', String(pid), '--']
}

export function openMachine(folder: string, record: MachineRecord, clock: Clock): Machine {
  const [enter = '', ...entered] = enterCommand(record.first.pid)
  return {
    ...record,
    folder,
    cgroupRoot: `/${record.id}`,
    isRunning: () => isRunning(record.first),
    path: (inside) => join(`/proc/${record.first.pid}/root`, inside),
    run: (command, args, options) => runCommand(enter, [...entered, command, ...args], options),
    spawn: (command, args, { stdio = 'pipe', env } = {}) =>
      spawn(enter, [...entered, command, ...args], { stdio, env: { ...process.env, ...env }, cwd: '/' }),
    startDaemon: (options) => startDaemon(folder, [enter, ...entered], options, clock),
  }
}

/** The program that a daemon of the machine runs; undefined when it does not run. */
export function daemonProgram(machine: Machine, name: string): string | undefined {
  const known = readIdentity(pidFile(machine.folder, name))
  return known !== undefined && isRunning(known) ? readlinkSync(`/proc/${known.pid}/exe`) : undefined
}

const pidFile = (folder: string, name: string) => join(folder, `${name}.pid`)

export function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    const { pid, startTicks, bootId } = JSON.parse(readFileSync(file, 'utf8'))
    return { pid, startTicks, bootId }
  } catch {
    return undefined
  }
}

async function startDaemon(
  folder: string,
  enter: readonly string[],
  { name, command, args, env }: DaemonOptions,
  clock: Clock,
): Promise<Daemon> {
  const logFile = join(folder, `${name}.log`)
  const known = readIdentity(pidFile(folder, name))
  if (known !== undefined && isRunning(known)) return daemon(folder, name, known, true, clock)
  mkdirSync(folder, { recursive: true })
  const log = openSync(logFile, 'a', 0o600)
  const [tool = '', ...before] = enter
  const child = spawn(tool, [...before, command, ...args], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
  })
  closeSync(log)
  const inner = await childOf(child, clock)
  child.unref()
  if (inner === undefined) throw new MachineError(`${name} ended at once: ${lastWords(logFile)}`)
  writeFileSync(pidFile(folder, name), JSON.stringify(inner))
  return daemon(folder, name, inner, false, clock)
}

/** The program that a namespace tool forked, once it is there; undefined when the tool ended first. */
export async function childOf(tool: ChildProcess, clock: Clock): Promise<ProcessIdentity | undefined> {
  let ended = false
  tool.once('error', () => {
    ended = true
  })
  tool.once('exit', () => {
    ended = true
  })
  for (let attempt = 0; attempt < 1000 && !ended && tool.pid !== undefined; attempt++) {
    const [pid] = childrenOf(tool.pid)
    const identity = pid === undefined ? undefined : identify(pid)
    if (identity !== undefined) return identity
    await pause(clock, 5)
  }
  return undefined
}

function daemon(folder: string, name: string, process: ProcessIdentity, adopted: boolean, clock: Clock): Daemon {
  return {
    process,
    adopted,
    logFile: join(folder, `${name}.log`),
    isRunning: () => isRunning(process),
    async stop(graceMs = 5000) {
      signalProcess(process, 'SIGTERM')
      const deadline = clock.monotonic() + graceMs
      while (isRunning(process)) {
        if (clock.monotonic() > deadline) signalProcess(process, 'SIGKILL')
        await pause(clock, 10)
      }
      rmSync(pidFile(folder, name), { force: true })
    },
  }
}

/** The last line of a log without its frame of time and level, for the sentence that says why something did not start. */
export function lastWords(file: string): string {
  const line = readLines(file).findLast((one) => one.trim() !== '')
  if (line === undefined) return `it said nothing (${file})`
  const quoted = /\bmsg=("(?:[^"\\]|\\.)*")(.*)/.exec(line)
  const text = quoted === null ? line : `${JSON.parse(quoted[1]!) as string}${quoted[2]}`
  return `${text.trim()} (${file})`
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
