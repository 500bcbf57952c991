import type { Pod } from '../../api/types.generated.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { labelNames } from '../containers/labels.ts'
import type { PodHost } from '../host/pod-host.ts'
import type { Pressure } from '../node/node-status.ts'
import { isCriticalPod } from '../pods/static-pods.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { ContainerStats } from '../runtimes/types.ts'
import type { Eviction } from '../workers/worker-context.ts'
import {
  type EvictionThresholds,
  type NodeObservation,
  PressureMemory,
  type StarvedResource,
  starved,
} from './pressure.ts'
import { evictionMessage, type PodUsage, rankForEviction } from './rank-pods.ts'
import { hasStorageLimit, storageLimitPassed } from './storage-limits.ts'

/** Ends pods when the node runs out of something, or a pod takes more disk than it may (upstream: pkg/kubelet/eviction). */
export interface Evictor {
  readonly pressure: () => Pressure
  /** Looks once, and evicts at most one pod for the node's sake. */
  check(): Promise<void>
}

/** As upstream names what ran out (pkg/kubelet/eviction/api). */
const signalOf = { memory: 'memory.available', 'ephemeral-storage': 'nodefs.available' } as const

export function createEvictor(options: {
  readonly runtime: Runtime
  readonly host: PodHost
  readonly clock: Clock
  readonly log: Logger
  readonly events: EventRecorder
  readonly thresholds: EvictionThresholds
  readonly observe: () => NodeObservation
  readonly pods: () => readonly Pod[]
  readonly evict: (uid: string, eviction: Eviction) => void
  /** Frees disk without ending anybody. Answers bytes. */
  readonly reclaimDisk: () => Promise<number>
  /** The conditions of pressure have changed. */
  readonly onPressure: () => void
  /** Told by which signal a pod has to go. */
  readonly evicted?: (signal: string) => void
}): Evictor {
  const { runtime, host, clock, log, events } = options
  const memory = new PressureMemory()
  const evicted = new Set<string>()

  const evict = (pod: Pod, message: string, disruption?: string) => {
    const uid = pod.metadata.uid ?? ''
    evicted.add(uid)
    log.info('evicting a pod', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, message })
    events.event(pod, 'Warning', 'Evicted', message)
    options.evict(uid, { reason: 'Evicted', message, graceSeconds: 1, disruption })
  }
  const candidates = () => options.pods().filter((pod) => !isCriticalPod(pod) && !evicted.has(pod.metadata.uid ?? ''))
  const forgetGone = () => {
    const there = new Set(options.pods().map(({ metadata }) => metadata.uid))
    for (const uid of evicted) if (!there.has(uid)) evicted.delete(uid)
  }
  const usageBy = (stats: readonly ContainerStats[], bytes: (of: ContainerStats) => number | undefined) => {
    const byPod = new Map<string, Map<string, number>>()
    for (const one of stats) {
      const uid = one.labels[labelNames.podUid] ?? ''
      const usage = byPod.get(uid) ?? new Map<string, number>()
      byPod.set(uid, usage.set(one.labels[labelNames.containerName] ?? '', bytes(one) ?? 0))
    }
    return (pod: Pod): PodUsage => byPod.get(pod.metadata.uid ?? '') ?? new Map()
  }

  const relieve = async (first: StarvedResource) => {
    if (first.resource === 'ephemeral-storage' && (await options.reclaimDisk()) > 0) return
    const stats = await runtime.listContainerStats()
    const usage = usageBy(stats, (of) =>
      first.resource === 'memory' ? of.memory?.workingSetBytes : of.writableLayer?.usedBytes,
    )
    const [pod] = rankForEviction(candidates(), usage, first)
    if (pod === undefined)
      log.warn('the node is short of a resource and no pod can be evicted', { resource: first.resource })
    else {
      options.evicted?.(signalOf[first.resource])
      evict(pod, evictionMessage(pod, usage(pod), first), 'TerminationByKubelet')
    }
  }

  const enforceLimits = async () => {
    const limited = candidates().filter(hasStorageLimit)
    if (limited.length === 0) return
    const layers = usageBy(await runtime.listContainerStats(), (of) => of.writableLayer?.usedBytes)
    for (const pod of limited) {
      const { emptyDirs, logs } = await host.diskUsage(pod)
      const containers = new Map([...layers(pod)].map(([name, bytes]) => [name, bytes + (logs.get(name) ?? 0)]))
      const message = storageLimitPassed(pod, { emptyDirs, containers })
      if (message === undefined) continue
      options.evicted?.('ephemeralcontainerfs.limit')
      evict(pod, message)
    }
  }

  return {
    pressure: () => memory.at(clock.now()),
    async check() {
      forgetGone()
      const before = JSON.stringify(memory.at(clock.now()))
      const found = starved(options.observe(), options.thresholds)
      memory.note(found, clock.now())
      if (JSON.stringify(memory.at(clock.now())) !== before) options.onPressure()
      if (found[0] !== undefined) await relieve(found[0])
      await enforceLimits()
    },
  }
}
