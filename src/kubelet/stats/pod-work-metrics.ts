import type { Pod, PodStatus } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { type Counter, goBuckets, type Histogram, type MetricsRegistry } from '../../machinery/metrics.ts'
import { type DeclaredContainer, declaredContainers } from '../pods/containers.ts'
import type { ObservedContainer } from '../lifecycle/pod-runtime.ts'

/** What a worker was woken for: a new pod, a changed object, the runtime or time, the end. */
export type PodOperation = 'create' | 'update' | 'sync' | 'kill'

const startBuckets = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600,
]
const containerTypes = { app: 'container', init: 'init_container', ephemeral: 'ephemeral_container' } as const

interface Starting {
  readonly seenAt: number
  pullMs: number
}

/** What the pods of a node take to start, run and end, under upstream's names (pkg/kubelet/metrics/metrics.go). */
export class PodWorkMetrics {
  readonly #clock: Clock
  readonly #work
  readonly #workerStart: Histogram
  readonly #start: Histogram
  readonly #startSli: Histogram
  readonly #startTotal: Histogram
  readonly #firstNetworkStart
  readonly #perPod: Histogram
  readonly #startedPods
  readonly #startedPodErrors
  readonly #startedUserPods
  readonly #startedUserPodErrors
  readonly #sandboxes
  readonly #sandboxErrors
  readonly #startedContainers
  readonly #startedContainerErrors
  readonly #terminated
  readonly #orphans: Counter
  readonly #cutSleeps: Counter
  readonly #imageVolumes: Counter
  readonly #mountedImages: Counter
  readonly #unmountedImages: Counter
  /** Pods that came new and do not run yet. */
  readonly #starting = new Map<string, Starting>()
  #networkSeen = false

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const name = (what: string) => `kubelet_${what}`
    const histogram = (what: string, help: string, buckets: readonly number[] = goBuckets) =>
      metrics.histogram(name(what), help, buckets).labels()
    const counter = (what: string, help: string) => metrics.counter(name(what), help).labels()
    this.#clock = clock
    this.#work = metrics.histogram(name('pod_worker_duration_seconds'), 'Time of a look at a pod.', goBuckets, [
      'operation_type',
    ])
    this.#workerStart = histogram('pod_worker_start_duration_seconds', 'Time until a pod that came was looked at.')
    this.#start = histogram('pod_start_duration_seconds', 'Time from a pod’s coming to its running.', startBuckets)
    this.#startSli = histogram(
      'pod_start_sli_duration_seconds',
      'Time from a pod’s creation to its running, without pulls and init containers; of pods without volumes of their own.',
      startBuckets,
    )
    this.#startTotal = histogram(
      'pod_start_total_duration_seconds',
      'Time from a pod’s creation to its running.',
      startBuckets,
    )
    this.#firstNetworkStart = metrics.gauge(
      name('first_network_pod_start_sli_duration_seconds'),
      'That time of the first pod with a network of its own.',
    )
    this.#perPod = histogram('containers_per_pod_count', 'Containers of a pod.', [1, 2, 4, 8, 16])
    this.#startedPods = counter('started_pods_total', 'Sandboxes that were to be made.')
    this.#startedPodErrors = counter('started_pods_errors_total', 'Sandboxes that could not be made.')
    this.#startedUserPods = counter('started_user_namespaced_pods_total', 'The same of pods with ids of their own.')
    this.#startedUserPodErrors = counter(
      'started_user_namespaced_pods_errors_total',
      'The same of pods with ids of their own.',
    )
    this.#sandboxes = metrics.histogram(name('run_podsandbox_duration_seconds'), 'Time of sandboxes.', goBuckets, [
      'runtime_handler',
    ])
    this.#sandboxErrors = metrics.counter(name('run_podsandbox_errors_total'), 'Sandboxes that failed.', [
      'runtime_handler',
    ])
    this.#startedContainers = metrics.counter(name('started_containers_total'), 'Containers that were to start.', [
      'container_type',
    ])
    this.#startedContainerErrors = metrics.counter(
      name('started_containers_errors_total'),
      'Containers that could not start.',
      ['container_type', 'code'],
    )
    this.#orphans = counter('orphaned_runtime_pods_total', 'Pods of the runtime that nobody had asked for.')
    this.#cutSleeps = counter('sleep_action_terminated_early_total', 'Sleeps of hooks that were cut short.')
    this.#imageVolumes = counter('image_volume_requested_total', 'Volumes of images that were asked for.')
    this.#mountedImages = counter('image_volume_mounted_succeed_total', 'Volumes of images that containers got.')
    this.#unmountedImages = counter('image_volume_mounted_errors_total', 'Volumes of images that could not be mounted.')
    this.#terminated = metrics.counter(name('terminated_containers_total'), 'Containers that ended.', [
      'container_type',
      'exit_code',
      'reason',
    ])
  }

  /** A pod came. */
  seen({ metadata, spec, status }: Pod): void {
    this.#perPod.observe(spec.containers.length)
    const isNew = status?.startTime === undefined && metadata.deletionTimestamp == null
    const wasHeld = status?.conditions?.some(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
    if (isNew && !wasHeld) this.#starting.set(metadata.uid ?? '', { seenAt: this.#clock.monotonic(), pullMs: 0 })
  }

  forget(uid: string): void {
    this.#starting.delete(uid)
  }

  /** The first look at it after so long. */
  begun(seconds: number): void {
    this.#workerStart.observe(seconds)
  }

  looked(operation: PodOperation, seconds: number): void {
    this.#work.labels(operation).observe(seconds)
  }

  /** An image of the pod was pulled. Pulls of one pod come one after the other. */
  pulled({ metadata }: Pod, ms: number): void {
    const starting = this.#starting.get(metadata.uid ?? '')
    if (starting !== undefined) starting.pullMs += ms
  }

  /** The pod is so now. */
  reported(pod: Pod, status: PodStatus): void {
    const { uid = '', creationTimestamp } = pod.metadata
    const starting = this.#starting.get(uid)
    if (starting === undefined) return
    if (status.phase === 'Succeeded' || status.phase === 'Failed') return this.forget(uid)
    const runs = status.containerStatuses?.every(({ state }) => state?.running !== undefined) ?? false
    if (status.phase !== 'Running' || !runs) return
    this.#starting.delete(uid)
    this.#start.observe((this.#clock.monotonic() - starting.seenAt) / 1000)
    const totalMs = Math.max(0, this.#clock.now() - Date.parse(creationTimestamp ?? ''))
    if (Number.isNaN(totalMs)) return
    this.#startTotal.observe(totalMs / 1000)
    if (isStateful(pod)) return
    const seconds = Math.max(0, totalMs - starting.pullMs - initMs(status)) / 1000
    this.#startSli.observe(seconds)
    if (this.#networkSeen || pod.spec.hostNetwork) return
    this.#networkSeen = true
    this.#firstNetworkStart.labels().set(seconds)
  }

  /** Makes a sandbox, which is counted. */
  async sandbox<Result>({ spec }: Pod, handler: string, make: () => Promise<Result>): Promise<Result> {
    const ownIds = spec.hostUsers === false
    const began = this.#clock.monotonic()
    this.#startedPods.inc()
    if (ownIds) this.#startedUserPods.inc()
    try {
      return await make()
    } catch (error) {
      this.#startedPodErrors.inc()
      if (ownIds) this.#startedUserPodErrors.inc()
      this.#sandboxErrors.labels(handler).inc()
      throw error
    } finally {
      this.#sandboxes.labels(handler).observe((this.#clock.monotonic() - began) / 1000)
    }
  }

  /** A container is to start. The result tells why it could not. */
  starts({ kind }: DeclaredContainer): (reason: string) => void {
    const type = containerTypes[kind]
    this.#startedContainers.labels(type).inc()
    return (reason) => this.#startedContainerErrors.labels(type, reason).inc()
  }

  /** The runtime has a pod that nobody asked for. */
  orphaned(): void {
    this.#orphans.inc()
  }

  sleepCut(): void {
    this.#cutSleeps.inc()
  }

  imageVolumeAsked(): void {
    this.#imageVolumes.inc()
  }

  imagesMounted(volumes: number, mounted: boolean): void {
    ;(mounted ? this.#mountedImages : this.#unmountedImages).inc(volumes)
  }

  ended(pod: Pod, { name, exitCode, reason }: ObservedContainer): void {
    const kind = declaredContainers(pod).find(({ container }) => container.name === name)?.kind ?? 'app'
    this.#terminated.labels(containerTypes[kind], String(exitCode), reason).inc()
  }
}

/** Volumes whose content is not made for the pod alone. */
function isStateful({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(
    ({ secret, configMap, downwardAPI, emptyDir, projected }) =>
      !secret && !configMap && !downwardAPI && !emptyDir && !projected,
  )
}

function initMs({ initContainerStatuses = [] }: PodStatus): number {
  return initContainerStatuses.reduce((sum, { state }) => {
    const { startedAt, finishedAt } = state?.terminated ?? {}
    return startedAt && finishedAt ? sum + (Date.parse(finishedAt) - Date.parse(startedAt)) : sum
  }, 0)
}
