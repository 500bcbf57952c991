import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

const mountPoint = '/sys/fs/cgroup'

/** What one device was read and written by a container. */
export interface DeviceUse {
  readonly device: string
  readonly reads: number
  readonly readBytes: number
  readonly writes: number
  readonly writtenBytes: number
}

/** What a control group tells of a container beyond what the runtime does; what is not told is undefined. */
export interface ContainerCgroup {
  readonly cpu: {
    readonly userSeconds?: number
    readonly systemSeconds?: number
    readonly periods?: number
    readonly throttledPeriods?: number
    readonly throttledSeconds?: number
    readonly shares?: number
    /** Microseconds; undefined: no limit. */
    readonly quota?: number
    readonly period?: number
  }
  readonly memory: {
    readonly cacheBytes?: number
    readonly swapBytes?: number
    readonly mappedBytes?: number
    readonly activeFileBytes?: number
    readonly inactiveFileBytes?: number
    readonly kernelBytes?: number
    readonly peakBytes?: number
    readonly limitBytes?: number
    readonly failures?: number
    readonly pageFaults?: number
    readonly majorPageFaults?: number
    readonly oomKills?: number
  }
  readonly devices: readonly DeviceUse[]
  readonly pids: readonly number[]
  readonly threads?: number
  readonly threadsMax?: number
}

type Read = (controller: string, file: string) => Promise<string | undefined>

/** Reads a container's control group by its files, of either version (cAdvisor container/libcontainer). */
export async function containerCgroup(version: 1 | 2, path: string, root = mountPoint): Promise<ContainerCgroup> {
  const read: Read = (controller, file) =>
    readFile(join(root, version === 1 ? controller : '', path, file), 'utf8').catch(() => undefined)
  return version === 1 ? readV1(read) : readV2(read)
}

/** Files that the processes have open, and how many of them are sockets (cAdvisor process metrics). */
export async function openFiles(
  pids: readonly number[],
): Promise<{ readonly files: number; readonly sockets: number }> {
  let files = 0
  let sockets = 0
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`
    const names = await readdir(folder).catch(() => [])
    files += names.length
    const targets = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')))
    sockets += targets.filter((target) => target.startsWith('socket:')).length
  }
  return { files, sockets }
}

const number = (text: string | undefined) => (text === undefined || !/^-?\d/.test(text) ? undefined : Number(text))
/** A line `name value` among others. */
const field = (text: string | undefined, name: string) =>
  number(text === undefined ? undefined : new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1])
const over = (value: number | undefined, by: number) => (value === undefined ? undefined : value / by)
/** Without a limit files hold a number near 2^63, or none. */
const limit = (value: number | undefined) => (value === undefined || value < 0 || value > 2 ** 60 ? undefined : value)
const linesOf = (text: string | undefined) => (text ?? '').split('\n').filter((line) => line !== '')

async function readV1(read: Read): Promise<ContainerCgroup> {
  const [stat, times, memory, procs, bytes, ops] = await Promise.all([
    read('cpu', 'cpu.stat'),
    read('cpuacct', 'cpuacct.stat'),
    read('memory', 'memory.stat'),
    read('memory', 'cgroup.procs'),
    read('blkio', 'blkio.throttle.io_service_bytes'),
    read('blkio', 'blkio.throttle.io_serviced'),
  ])
  const value = async (controller: string, file: string) => number(await read(controller, file))
  return {
    cpu: {
      // In hundredths of seconds.
      userSeconds: over(field(times, 'user'), 100),
      systemSeconds: over(field(times, 'system'), 100),
      periods: field(stat, 'nr_periods'),
      throttledPeriods: field(stat, 'nr_throttled'),
      throttledSeconds: over(field(stat, 'throttled_time'), 1e9),
      shares: await value('cpu', 'cpu.shares'),
      quota: limit(await value('cpu', 'cpu.cfs_quota_us')),
      period: await value('cpu', 'cpu.cfs_period_us'),
    },
    memory: {
      cacheBytes: field(memory, 'total_cache'),
      swapBytes: field(memory, 'total_swap'),
      mappedBytes: field(memory, 'total_mapped_file'),
      activeFileBytes: field(memory, 'total_active_file'),
      inactiveFileBytes: field(memory, 'total_inactive_file'),
      kernelBytes: await value('memory', 'memory.kmem.usage_in_bytes'),
      peakBytes: await value('memory', 'memory.max_usage_in_bytes'),
      limitBytes: limit(await value('memory', 'memory.limit_in_bytes')),
      failures: await value('memory', 'memory.failcnt'),
      pageFaults: field(memory, 'total_pgfault'),
      majorPageFaults: field(memory, 'total_pgmajfault'),
      oomKills: field(await read('memory', 'memory.oom_control'), 'oom_kill'),
    },
    devices: await devicesOf(
      [
        ...linesOf(ops).map((line) => ['operations', line] as const),
        ...linesOf(bytes).map((line) => ['bytes', line] as const),
      ].flatMap(([what, line]) => {
        const [device = '', direction = '', count] = line.split(' ')
        if (direction !== 'Read' && direction !== 'Write') return []
        const key = `${what}${direction}` as keyof typeof v1Fields
        return [[device, v1Fields[key], Number(count)] as const]
      }),
    ),
    pids: linesOf(procs).map(Number),
    threads: await value('pids', 'pids.current'),
    threadsMax: limit(await value('pids', 'pids.max')),
  }
}

const v1Fields = {
  operationsRead: 'reads',
  operationsWrite: 'writes',
  bytesRead: 'readBytes',
  bytesWrite: 'writtenBytes',
} as const
const v2Fields: Readonly<Record<string, keyof Omit<DeviceUse, 'device'>>> = {
  rios: 'reads',
  wios: 'writes',
  rbytes: 'readBytes',
  wbytes: 'writtenBytes',
}

async function readV2(read: Read): Promise<ContainerCgroup> {
  const [stat, memory, events, procs, io, max] = await Promise.all([
    read('', 'cpu.stat'),
    read('', 'memory.stat'),
    read('', 'memory.events'),
    read('', 'cgroup.procs'),
    read('', 'io.stat'),
    read('', 'cpu.max'),
  ])
  const value = async (file: string) => number(await read('', file))
  const [quota, period] = (max ?? '').split(' ')
  const weight = await value('cpu.weight')
  return {
    cpu: {
      userSeconds: over(field(stat, 'user_usec'), 1e6),
      systemSeconds: over(field(stat, 'system_usec'), 1e6),
      periods: field(stat, 'nr_periods'),
      throttledPeriods: field(stat, 'nr_throttled'),
      throttledSeconds: over(field(stat, 'throttled_usec'), 1e6),
      // What the runtime makes of shares, the other way round.
      shares: weight === undefined ? undefined : Math.trunc(2 + ((weight - 1) * 262_142) / 9999),
      quota: number(quota),
      period: number(period),
    },
    memory: {
      cacheBytes: field(memory, 'file'),
      swapBytes: await value('memory.swap.current'),
      mappedBytes: field(memory, 'file_mapped'),
      activeFileBytes: field(memory, 'active_file'),
      inactiveFileBytes: field(memory, 'inactive_file'),
      kernelBytes: field(memory, 'kernel'),
      peakBytes: await value('memory.peak'),
      limitBytes: await value('memory.max'),
      failures: field(events, 'max'),
      pageFaults: field(memory, 'pgfault'),
      majorPageFaults: field(memory, 'pgmajfault'),
      oomKills: field(events, 'oom_kill'),
    },
    devices: await devicesOf(
      linesOf(io).flatMap((line) => {
        const [device = '', ...pairs] = line.split(' ')
        return pairs.flatMap((pair) => {
          const [key = '', count] = pair.split('=')
          const what = v2Fields[key]
          return what === undefined ? [] : [[device, what, Number(count)] as const]
        })
      }),
    ),
    pids: linesOf(procs).map(Number),
    threads: await value('pids.current'),
    threadsMax: await value('pids.max'),
  }
}

/** By device `major:minor`, under the name that it has in /dev. */
async function devicesOf(
  counts: readonly (readonly [device: string, what: keyof Omit<DeviceUse, 'device'>, count: number])[],
): Promise<readonly DeviceUse[]> {
  const none = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 }
  const uses = new Map<string, typeof none>()
  for (const [device, what, count] of counts) uses.set(device, { ...(uses.get(device) ?? none), [what]: count })
  return Promise.all(
    [...uses].map(async ([device, use]) => {
      const about = await readFile(`/sys/dev/block/${device}/uevent`, 'utf8').catch(() => '')
      const name = /^DEVNAME=(.+)$/m.exec(about)?.[1]
      return { device: name === undefined ? device : `/dev/${name}`, ...use }
    }),
  )
}
