import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../api/types.generated.ts'
import type { RunCommand } from '../../machinery/command.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import type { Cgroups, PodCgroupValues } from '../cgroups/cgroups.ts'
import { podCgroupValues } from '../cgroups/pod-values.ts'
import { declaredContainers } from '../pods/containers.ts'
import { createMountTable } from '../volumes/mount-table.ts'
import type { VolumeSources } from '../volumes/plugin.ts'
import type { VolumeMetrics } from '../volumes/volume-metrics.ts'
import { createUserRanges } from '../user-namespaces/user-ranges.ts'
import { PodVolumes } from '../volumes/pod-volumes.ts'
import { containerMounts } from './container-mounts.ts'
import { diskUsage } from './disk-usage.ts'
import { fileValue } from './environment-file.ts'
import type { PodHost } from './pod-host.ts'

export interface LinuxHostOptions {
  /** The kubelet's folder: `/var/lib/kubelet`. */
  readonly rootDir: string
  /** `/var/log/pods` */
  readonly podLogsDir: string
  /** `/var/log/containers`: links to logs, for log collectors. */
  readonly containerLogsDir: string
  /** `/etc/resolv.conf`; empty: none. */
  readonly resolvConf: string
  readonly cgroups: Cgroups
  readonly memoryBytes: number
  readonly sources: VolumeSources
  readonly run: RunCommand
  readonly maxPods: number
  readonly clock: Clock
  readonly random: Random
  readonly volumeMetrics?: VolumeMetrics
}

/** This machine, as pods see it. */
export function createLinuxHost(options: LinuxHostOptions): PodHost {
  const { rootDir, podLogsDir, containerLogsDir, cgroups, clock, random } = options
  const podsFolder = join(rootDir, 'pods')
  const podFolder = (uid: string) => join(podsFolder, uid)
  const mounts = createMountTable(options.run)
  const volumes = new PodVolumes({
    sources: options.sources,
    mounts,
    podFolder,
    clock,
    random,
    metrics: options.volumeMetrics,
  })
  const userRanges = createUserRanges({ podFolder, count: options.maxPods })
  const logDirectory = (pod: Pod) => {
    const { namespace, name, uid } = pod.metadata
    return join(podLogsDir, `${namespace}_${name}_${uid}`)
  }

  return {
    fillsContainers: true,
    imageRecords: join(rootDir, 'image_manager'),
    resources: { memoryBytes: options.memoryBytes, cgroupVersion: cgroups.version, hugepageSizes: hugepageSizes() },
    security: { seccompRoot: join(rootDir, 'seccomp'), hiddenPaths: thermalThrottles() },
    async start() {
      for (const folder of [podsFolder, podLogsDir, containerLogsDir])
        await mkdir(folder, { recursive: true, mode: 0o755 })
      await cgroups.start()
      await userRanges.load(await PodVolumes.podsBelow(podsFolder))
    },
    async resolvConf() {
      return options.resolvConf === '' ? undefined : readFile(options.resolvConf, 'utf8')
    },

    cgroupParent: (pod) => cgroups.parentOf(pod),
    ensureCgroup: (pod) => cgroups.ensure(pod),
    async resizePod(pod, containers) {
      const wanted = podCgroupValues(pod)
      await cgroups.update(pod, larger(await cgroups.read(pod), wanted))
      await containers()
      await cgroups.update(pod, wanted)
    },

    userMappings: (uid) => userRanges.of(uid),

    async mountVolumes(facts) {
      await mkdir(podFolder(facts.pod.metadata.uid ?? ''), { recursive: true, mode: 0o750 })
      await volumes.mount(facts)
    },
    refreshVolumes: (facts) => volumes.mount(facts, true),
    volumePath: (uid, name) => volumes.get(uid, name)?.path,
    containerMounts: (request) => containerMounts({ volumes, mounts, random, podFolder }, request),
    async fileValue(pod, volumeName, path, key) {
      const volume = volumes.get(pod.metadata.uid ?? '', volumeName)
      if (volume === undefined)
        throw new Error(`cannot find the volume ${JSON.stringify(volumeName)} referenced by FileKeyRef`)
      return fileValue(volume.path, path, key)
    },

    logDirectory,
    async restartCountFromLogs(pod, containerName) {
      const logs = await readdir(join(logDirectory(pod), containerName)).catch(() => [])
      const counts = logs.map((name) => Number(/^(\d+)\.log/.exec(name)?.[1] ?? -1))
      return Math.max(-1, ...counts) + 1
    },
    makeLogFolder: async (pod, containerName) =>
      void (await mkdir(join(logDirectory(pod), containerName), { recursive: true, mode: 0o755 })),
    async linkLog(pod, containerName, containerId, logPath) {
      // A runtime that logs elsewhere leaves nothing to link to.
      if (!existsSync(logPath)) return
      const { name, namespace } = pod.metadata
      const prefix = `${name}_${namespace}_${containerName}`.slice(0, 251 - containerId.length)
      await symlink(logPath, join(containerLogsDir, `${prefix}-${containerId}.log`)).catch(() => {})
    },

    async diskUsage(pod) {
      const emptyDirs = new Map<string, number>()
      for (const { name, emptyDir } of pod.spec.volumes ?? []) {
        const path = emptyDir && volumes.get(pod.metadata.uid ?? '', name)?.path
        if (path !== undefined) emptyDirs.set(name, await diskUsage(path))
      }
      const logs = new Map<string, number>()
      for (const { container } of declaredContainers(pod)) {
        logs.set(container.name, await diskUsage(join(logDirectory(pod), container.name)))
      }
      return { emptyDirs, logs }
    },
    async cleanUp(uid) {
      await volumes.remove(uid)
      userRanges.release(uid)
      await cgroups.remove(uid)
    },
    async removeLogs(uid) {
      for (const name of await readdir(podLogsDir).catch(() => [])) {
        if (name.endsWith(`_${uid}`)) await rm(join(podLogsDir, name), { recursive: true, force: true })
      }
      await removeDanglingLinks(containerLogsDir)
    },
    async knownPods() {
      return [...new Set([...(await PodVolumes.podsBelow(podsFolder)), ...(await cgroups.pods())])]
    },
    stop: async () => {},
  }
}

/** Of each wanted value the larger of the two; no limit is the largest. */
function larger(now: PodCgroupValues, wanted: PodCgroupValues): PodCgroupValues {
  const limit = (a: number | undefined, b: number) => (a === undefined || a <= 0 || b <= 0 ? -1 : Math.max(a, b))
  const { cpuShares, cpuQuota, cpuPeriod, memoryBytes } = wanted
  return {
    ...(cpuShares !== undefined && { cpuShares: Math.max(now.cpuShares ?? 0, cpuShares) }),
    ...(cpuQuota !== undefined && { cpuQuota: limit(now.cpuQuota, cpuQuota), cpuPeriod }),
    ...(memoryBytes !== undefined && { memoryBytes: limit(now.memoryBytes, memoryBytes) }),
  }
}

async function removeDanglingLinks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const link = join(folder, name)
    if (!existsSync(link)) await rm(link, { force: true })
  }
}

/** `2MB`, `1GB`: as the kernel names its folders, in the runtime's spelling. */
function hugepageSizes(): string[] {
  try {
    return readdirSync('/sys/kernel/mm/hugepages').map((name) => {
      const kilobytes = Number(/(\d+)kB/.exec(name)?.[1] ?? 0)
      if (kilobytes % 2 ** 20 === 0) return `${kilobytes / 2 ** 20}GB`
      return kilobytes % 1024 === 0 ? `${kilobytes / 1024}MB` : `${kilobytes}KB`
    })
  } catch {
    return []
  }
}

function thermalThrottles(): string[] {
  try {
    return readdirSync('/sys/devices/system/cpu')
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => `/sys/devices/system/cpu/${name}/thermal_throttle`)
      .filter((path) => existsSync(path))
  } catch {
    return []
  }
}
