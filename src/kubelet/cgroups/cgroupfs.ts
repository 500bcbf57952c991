import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { cpuWeight } from '../resources/cgroup-values.ts'
import type { Cgroups, CgroupUsage, PodCgroupValues } from './cgroups.ts'
import { podCgroupValues, podGroupPath } from './pod-values.ts'

const mountPoint = '/sys/fs/cgroup'
const tiers = ['/kubepods', '/kubepods/burstable', '/kubepods/besteffort']

/**
 * Control groups by their files, of version 1 or 2, whichever the machine has. `root` must exist in each hierarchy.
 * Version 2 wants that a group that has children has no processes: the root has none.
 */
export function createCgroupfs({ root, clock }: { root: string; clock: Clock }): Cgroups {
  const version = existsSync(join(mountPoint, 'cgroup.controllers')) ? 2 : 1
  const base = root === '/' ? '' : root
  const hierarchies = version === 2 ? [mountPoint] : controllersOfV1().map((name) => join(mountPoint, name))
  const files = version === 2 ? v2 : v1

  const make = async (path: string) => {
    for (const hierarchy of hierarchies) {
      const folder = join(hierarchy, base, path)
      await mkdir(folder, { recursive: true })
      if (version === 1 && hierarchy.endsWith('/cpuset')) await inheritCpuset(folder)
    }
    if (version === 2) await delegate(join(mountPoint, base, path))
  }
  const set = async (path: string, values: PodCgroupValues) => {
    for (const [controller, file, content] of files.write(values)) {
      await writeFile(join(mountPoint, controller, base, path, file), content)
    }
  }

  return {
    version,
    parentOf: (pod) => `${base}${podGroupPath(pod)}`,
    async start() {
      if (version === 2) await delegate(join(mountPoint, base))
      for (const path of tiers) await make(path)
      // Pods without requests give way to all others.
      await set('/kubepods/besteffort', { cpuShares: 2 })
    },
    async ensure(pod) {
      const path = podGroupPath(pod)
      if (await exists(join(hierarchies[0]!, base, path))) return
      await make(path)
      await set(path, podCgroupValues(pod))
    },
    update: (pod, values) => set(podGroupPath(pod), values),
    read: (pod) =>
      files.read((controller, file) => readFile(join(mountPoint, controller, base, podGroupPath(pod), file), 'utf8')),
    async remove(uid) {
      for (let attempt = 0; ; attempt++) {
        try {
          for (const hierarchy of hierarchies) {
            for (const tier of tiers) await removeTree(join(hierarchy, base, tier, `pod${uid}`))
          }
          return
        } catch (error) {
          // A process that was just killed may still be on its way out.
          if (attempt === 20) throw error
          await killAll(tiers.map((tier) => join(hierarchies[0]!, base, tier, `pod${uid}`)))
          await sleep(clock, 50)
        }
      }
    },
    async pods() {
      const found = new Set<string>()
      for (const tier of tiers) {
        for (const name of await readdir(join(hierarchies[0]!, base, tier)).catch(() => [])) {
          if (name.startsWith('pod')) found.add(name.slice(3))
        }
      }
      return [...found]
    },
    usage: (path) =>
      files.usage((controller, file) => readFile(join(mountPoint, controller, base, path, file), 'utf8')),
  }
}

/** Each controller's hierarchy; several may share one. `unified` is an empty version 2 tree beside them. */
function controllersOfV1(): string[] {
  const entries = readdirSync(mountPoint, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'unified').map((entry) => entry.name)
}

/** A new cpuset is empty and takes no process, so it gets its parent's. */
async function inheritCpuset(folder: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readFile(join(folder, file), 'utf8')).trim() !== '') continue
    const parent = (await readFile(join(folder, '..', file), 'utf8')).trim()
    if (parent !== '') await writeFile(join(folder, file), parent)
  }
}

/** Lets the children of a group use its controllers. */
async function delegate(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/)
  for (const controller of controllers.filter((name) => name !== '')) {
    // Some, such as misc, cannot be handed on everywhere; pods do without them.
    await writeFile(join(folder, 'cgroup.subtree_control'), `+${controller}`).catch(() => {})
  }
}

const exists = (folder: string) =>
  readdir(folder).then(
    () => true,
    () => false,
  )

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  await rmdir(folder)
}

async function killAll(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const groups = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const all = [folder, ...groups.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name))]
    for (const group of all) {
      const pids = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')
      for (const pid of pids
        .split('\n')
        .map(Number)
        .filter((one) => one > 1)) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has gone by itself.
        }
      }
    }
  }
}

type Read = (controller: string, file: string) => Promise<string>
type Write = readonly [controller: string, file: string, content: string]

interface Files {
  write(values: PodCgroupValues): Write[]
  read(read: Read): Promise<PodCgroupValues>
  usage(read: Read): Promise<CgroupUsage | undefined>
}

const stat = (text: string, name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
const limit = (text: string) => (text.trim() === 'max' ? undefined : Number(text))

const v1: Files = {
  write({ cpuShares, cpuQuota, cpuPeriod, memoryBytes }) {
    const writes: Write[] = []
    if (cpuShares !== undefined) writes.push(['cpu', 'cpu.shares', String(cpuShares)])
    if (cpuPeriod !== undefined) writes.push(['cpu', 'cpu.cfs_period_us', String(cpuPeriod)])
    if (cpuQuota !== undefined) writes.push(['cpu', 'cpu.cfs_quota_us', String(cpuQuota === 0 ? -1 : cpuQuota)])
    if (memoryBytes !== undefined)
      writes.push(['memory', 'memory.limit_in_bytes', String(memoryBytes > 0 ? memoryBytes : -1)])
    return writes
  },
  async read(read) {
    const memory = Number(await read('memory', 'memory.limit_in_bytes'))
    return {
      cpuShares: Number(await read('cpu', 'cpu.shares')),
      cpuQuota: Number(await read('cpu', 'cpu.cfs_quota_us')),
      cpuPeriod: Number(await read('cpu', 'cpu.cfs_period_us')),
      // Without a limit the file holds a number near 2^63.
      memoryBytes: memory > 2 ** 60 ? undefined : memory,
    }
  },
  async usage(read) {
    const usage = await read('memory', 'memory.usage_in_bytes').catch(() => undefined)
    if (usage === undefined) return undefined
    const memory = await read('memory', 'memory.stat')
    return {
      cpuNanoseconds: Number(await read('cpuacct', 'cpuacct.usage')),
      memoryUsageBytes: Number(usage),
      memoryWorkingSetBytes: Math.max(0, Number(usage) - stat(memory, 'total_inactive_file')),
      memoryRssBytes: stat(memory, 'total_rss'),
      pageFaults: stat(memory, 'total_pgfault'),
      majorPageFaults: stat(memory, 'total_pgmajfault'),
    }
  },
}

const v2: Files = {
  write({ cpuShares, cpuQuota, cpuPeriod = 100_000, memoryBytes }) {
    const writes: Write[] = []
    if (cpuShares !== undefined) writes.push(['', 'cpu.weight', String(cpuWeight(cpuShares))])
    if (cpuQuota !== undefined) writes.push(['', 'cpu.max', `${cpuQuota > 0 ? cpuQuota : 'max'} ${cpuPeriod}`])
    if (memoryBytes !== undefined) writes.push(['', 'memory.max', memoryBytes > 0 ? String(memoryBytes) : 'max'])
    return writes
  },
  async read(read) {
    const [quota = 'max', period = '100000'] = (await read('', 'cpu.max')).trim().split(' ')
    return {
      cpuQuota: quota === 'max' ? -1 : Number(quota),
      cpuPeriod: Number(period),
      memoryBytes: limit(await read('', 'memory.max')),
    }
  },
  async usage(read) {
    const usage = await read('', 'memory.current').catch(() => undefined)
    if (usage === undefined) return undefined
    const memory = await read('', 'memory.stat')
    return {
      cpuNanoseconds: stat(await read('', 'cpu.stat'), 'usage_usec') * 1000,
      memoryUsageBytes: Number(usage),
      memoryWorkingSetBytes: Math.max(0, Number(usage) - stat(memory, 'inactive_file')),
      memoryRssBytes: stat(memory, 'anon'),
      pageFaults: stat(memory, 'pgfault'),
      majorPageFaults: stat(memory, 'pgmajfault'),
    }
  },
}
