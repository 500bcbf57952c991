import type { Machine } from '../node/machine.ts'
import { availableMemory, diskSpace } from '../node/machine.ts'
import { labelNames } from '../containers/labels.ts'
import type { ContainerStats, CpuUsage, MemoryUsage, PodSandboxStats } from '../runtimes/types.ts'
import { formatTime } from '../../machinery/clock.ts'

/** What a summary is made of (kubelet pkg/apis/stats/v1alpha1). */
export interface SummarySource {
  readonly nodeName: string
  readonly machine: Machine
  readonly rootDir: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly startedAt: number
  readonly pods: readonly PodSandboxStats[]
  readonly containers: readonly ContainerStats[]
  /** Nanoseconds of all processors since boot. */
  readonly nodeCpu: { readonly usageCoreNanoseconds: number; readonly usageNanocores?: number }
  readonly processCount: number
}

/** The Summary of `/stats/summary`; `onlyCpuAndMemory` leaves out disks, networks and processes. */
export function statsSummary(source: SummarySource, onlyCpuAndMemory: boolean): object {
  const time = formatTime(source.now)
  const podsByUid = new Map<string, ContainerStats[]>()
  for (const container of source.containers) {
    const uid = container.labels[labelNames.podUid]
    if (uid !== undefined) podsByUid.set(uid, [...(podsByUid.get(uid) ?? []), container])
  }
  const available = availableMemory()
  const disk = onlyCpuAndMemory ? undefined : fileSystem(source.rootDir, time)
  return {
    node: {
      nodeName: source.nodeName,
      startTime: formatTime(source.startedAt),
      cpu: {
        time,
        usageNanoCores: source.nodeCpu.usageNanocores ?? 0,
        usageCoreNanoSeconds: source.nodeCpu.usageCoreNanoseconds,
      },
      memory: {
        time,
        availableBytes: available,
        usageBytes: source.machine.memoryBytes - available,
        workingSetBytes: source.machine.memoryBytes - available,
        rssBytes: source.machine.memoryBytes - available,
      },
      ...(onlyCpuAndMemory
        ? {}
        : { fs: disk, runtime: { imageFs: disk, containerFs: disk }, rlimit: { time, curproc: source.processCount } }),
    },
    pods: [...podsByUid].map(([uid, containers]) => podStats(uid, containers, source, onlyCpuAndMemory)),
  }
}

function podStats(
  uid: string,
  containers: readonly ContainerStats[],
  source: SummarySource,
  onlyCpuAndMemory: boolean,
): object {
  const { labels } = containers[0]!
  const sandbox = source.pods.find((pod) => pod.metadata.uid === uid)
  const time = formatTime(source.now)
  const sum = (value: (one: ContainerStats) => number | undefined) =>
    containers.reduce((total, one) => total + (value(one) ?? 0), 0)
  const network = sandbox?.network?.defaultInterface
  return {
    podRef: { name: labels[labelNames.podName], namespace: labels[labelNames.podNamespace], uid },
    startTime: time,
    containers: containers.map((container) => ({
      name: container.labels[labelNames.containerName],
      startTime: time,
      cpu: cpu(container.cpu),
      memory: memory(container.memory),
      ...(onlyCpuAndMemory
        ? {}
        : {
            rootfs: {
              time,
              usedBytes: container.writableLayer?.usedBytes ?? 0,
              inodesUsed: container.writableLayer?.inodesUsed ?? 0,
            },
            logs: { time, usedBytes: 0 },
          }),
    })),
    cpu: cpu(sandbox?.cpu) ?? {
      time,
      usageNanoCores: sum((one) => one.cpu?.usageNanocores),
      usageCoreNanoSeconds: sum((one) => one.cpu?.usageCoreNanoseconds),
    },
    memory: memory(sandbox?.memory) ?? {
      time,
      workingSetBytes: sum((one) => one.memory?.workingSetBytes),
      usageBytes: sum((one) => one.memory?.usageBytes),
      rssBytes: sum((one) => one.memory?.rssBytes),
    },
    ...(onlyCpuAndMemory || network === undefined
      ? {}
      : {
          network: {
            time,
            name: network.name,
            rxBytes: network.rxBytes,
            rxErrors: network.rxErrors,
            txBytes: network.txBytes,
            txErrors: network.txErrors,
          },
        }),
    ...(onlyCpuAndMemory ? {} : { process_stats: { process_count: sandbox?.processCount ?? containers.length } }),
  }
}

function cpu(usage: CpuUsage | undefined): object | undefined {
  return (
    usage && {
      time: formatTime(usage.timestamp),
      usageNanoCores: usage.usageNanocores,
      usageCoreNanoSeconds: usage.usageCoreNanoseconds,
    }
  )
}

function memory(usage: MemoryUsage | undefined): object | undefined {
  return (
    usage && {
      time: formatTime(usage.timestamp),
      availableBytes: usage.availableBytes,
      usageBytes: usage.usageBytes,
      workingSetBytes: usage.workingSetBytes,
      rssBytes: usage.rssBytes,
      pageFaults: usage.pageFaults,
      majorPageFaults: usage.majorPageFaults,
    }
  )
}

function fileSystem(folder: string, time: string): object {
  const { availableBytes, capacityBytes, inodes, inodesFree } = diskSpace(folder)
  return {
    time,
    availableBytes,
    capacityBytes,
    usedBytes: capacityBytes - availableBytes,
    inodesFree,
    inodes,
    inodesUsed: inodes - inodesFree,
  }
}
