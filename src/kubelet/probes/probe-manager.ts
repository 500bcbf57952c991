import type { ContainerStatus, Pod } from '../../api/types.generated.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { Clock } from '../../machinery/clock.ts'
import { tellAbout } from '../execution/context.ts'
import type { ProbeResult } from '../lifecycle/plan-input.ts'
import { declaredContainers, findContainer, isSidecar } from '../pods/containers.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { Probes } from '../workers/worker-context.ts'
import type { ProbeOutcome } from './outcome.ts'
import type { ProbeMetrics } from './probe-metrics.ts'
import { probeOf, ProbeSchedule, type ProbeType } from './probe-schedule.ts'
import { runProbe } from './run-probe.ts'

export interface ProbeManagerOptions {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly events: EventRecorder
  /** The pod with the status last worked out. */
  readonly current: (uid: string) => Pod | undefined
  readonly metrics?: ProbeMetrics
  /** A result that the pod's worker has to know. */
  readonly onResult: (uid: string) => void
}

const types: readonly ProbeType[] = ['liveness', 'readiness', 'startup']
const title = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const
/** How long before this kubelet's start a container must have run to count as adopted. */
const adoptionMs = 10_000

/** All probes of a node's containers. */
export interface ProbeManager extends Probes {
  /** The pod's status has changed. */
  notice(uid: string): void
  stop(): void
}

export function createProbeManager(options: ProbeManagerOptions): ProbeManager {
  const { clock, current, onResult } = options
  const adoptedBefore = clock.now() - adoptionMs
  const schedules = new Map<string, Map<string, ProbeSchedule>>()
  const results: Record<ProbeType, Map<string, ProbeResult>> = {
    liveness: new Map(),
    readiness: new Map(),
    startup: new Map(),
  }
  const key = (type: ProbeType, name: string) => `${type}/${name}`
  const bare = (containerId: string) => containerId.slice(containerId.indexOf('://') + 3)

  const tell = (pod: Pod, name: string, type: ProbeType, { result, output }: ProbeOutcome) => {
    const declared = findContainer(pod, name)
    if (declared === undefined || result === 'success') return
    const say = tellAbout(options, pod, declared)
    if (result === 'failure') say('Warning', 'Unhealthy', `${title[type]} probe failed: ${output}`)
    else if (result === 'warning') say('Warning', 'ProbeWarning', `${title[type]} probe warning: ${output}`)
    else say('Warning', 'Unhealthy', `${title[type]} probe errored and resulted in unknown state: ${output}`)
  }

  const begin = (uid: string, name: string, type: ProbeType, pod: Pod) => {
    const container = findContainer(pod, name)!.container
    const probe = probeOf(container, type)!
    let seconds = 0
    return new ProbeSchedule({
      type,
      containerName: name,
      probe,
      clock,
      adoptedBefore,
      current: () => {
        const now = current(uid)
        const status = now && statusOf(now, name)
        return now && status && { pod: now, status }
      },
      async run(now, status) {
        const began = clock.monotonic()
        const place = {
          pod: now,
          container,
          containerId: bare(status.containerID ?? ''),
          podIP: now.status?.podIP ?? '',
        }
        const outcome = await runProbe(options, place, probe)
        seconds = (clock.monotonic() - began) / 1000
        return outcome
      },
      tell(now, outcome) {
        options.metrics?.probed(now, name, type, outcome, seconds)
        tell(now, name, type, outcome)
      },
      set(containerId, result) {
        const id = bare(containerId)
        const before = results[type].get(id)
        if (result === undefined) results[type].delete(id)
        else results[type].set(id, result)
        if (result !== undefined && result !== before) onResult(uid)
      },
    })
  }

  const stopSome = (uid: string, which: readonly ProbeType[]) => {
    const own = schedules.get(uid)
    for (const [id, schedule] of own ?? []) {
      if (!which.some((type) => id.startsWith(`${type}/`))) continue
      schedule.stop()
      own!.delete(id)
    }
    if (own?.size === 0) schedules.delete(uid)
  }

  return {
    add(pod) {
      const uid = pod.metadata.uid ?? ''
      const own = schedules.get(uid) ?? new Map<string, ProbeSchedule>()
      for (const { kind, container } of declaredContainers(pod)) {
        if (kind === 'ephemeral' || (kind === 'init' && !isSidecar(container))) continue
        for (const type of types) {
          if (probeOf(container, type) === undefined || own.has(key(type, container.name))) continue
          own.set(key(type, container.name), begin(uid, container.name, type, pod))
        }
      }
      if (own.size > 0) schedules.set(uid, own)
    },
    stopLivenessAndStartup: (uid) => stopSome(uid, ['liveness', 'startup']),
    remove(uid) {
      stopSome(uid, types)
      options.metrics?.forget(uid)
    },
    liveness: (containerId) => results.liveness.get(containerId),
    startup: (containerId) => results.startup.get(containerId),
    view(pod) {
      const own = schedules.get(pod.metadata.uid ?? '')
      const old = (name: string) => statusOf(current(pod.metadata.uid ?? '') ?? pod, name)
      return {
        started({ name, containerID = '', started }) {
          const result = results.startup.get(bare(containerID))
          if (result !== undefined) return result === 'success'
          if (started === true) return true
          return own?.has(key('startup', name)) ? false : undefined
        },
        ready({ name, containerID = '' }) {
          const result = results.readiness.get(bare(containerID))
          if (result !== undefined) return result === 'success'
          if (!own?.has(key('readiness', name))) return undefined
          // An adopted container is as ready as it was until it is probed.
          const before = old(name)
          return before?.containerID === containerID && before.ready
        },
      }
    },
    notice(uid) {
      for (const schedule of schedules.get(uid)?.values() ?? []) schedule.notice()
    },
    stop() {
      for (const uid of [...schedules.keys()]) stopSome(uid, types)
    },
  }
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
    (status) => status.name === name,
  )
}
