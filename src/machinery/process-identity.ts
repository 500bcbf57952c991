import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Names one process for ever: a pid alone is recycled, together with the start time and the boot it is not.
 * `startTicks`: clock ticks since boot, field 22 of /proc/PID/stat (proc(5)).
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTicks: number
  readonly bootId: string
}

/** The fields of /proc/PID/stat that we use; the name may hold spaces and parentheses. */
export function parseProcessStat(stat: string): { parent: number; state: string; startTicks: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', parent: Number(fields[1]), startTicks: Number(fields[19]) }
}

let boot: string | undefined
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

/** The identity of a process that runs now; undefined when there is none, or only its corpse. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const { state, startTicks } = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return state === 'Z' || state === 'X' ? undefined : { pid, startTicks, bootId: bootId() }
  } catch {
    return undefined
  }
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid)
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch {
    return false
  }
}

export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

export function childrenOf(parent: number): number[] {
  return processIds().filter((pid) => {
    try {
      return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).parent === parent
    } catch {
      return false
    }
  })
}

/** All living processes in the same namespace, e.g. `pid:[4026532281]` as /proc/PID/ns/pid names it. */
export function processesInNamespace(kind: 'pid' | 'net' | 'mnt', namespace: string): number[] {
  return processIds().filter((pid) => namespaceOf(pid, kind) === namespace && identify(pid) !== undefined)
}

export function namespaceOf(pid: number, kind: 'pid' | 'net' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}
