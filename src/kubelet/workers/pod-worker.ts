import type { Pod, PodStatus } from '../../api/types.generated.ts'
import { execute, type WaitingReason } from '../execution/execute.ts'
import { killPod } from '../execution/kill-pod.ts'
import { planPod } from '../lifecycle/plan.ts'
import { emptyPodRuntime, type PodRuntime } from '../lifecycle/pod-runtime.ts'
import { restartingAll } from '../lifecycle/restart-rules.ts'
import { isHostNetwork, isTerminalPhase } from '../pods/containers.ts'
import { isStaticPod } from '../pods/static-pods.ts'
import { podStatus } from '../status/pod-status.ts'
import type { PodOperation } from '../stats/pod-work-metrics.ts'
import { VolumeErrors } from '../volumes/volume-error.ts'
import type { Eviction, WorkerContext } from './worker-context.ts'

/** How far the worker is: it keeps the pod running, ends it, clears up after it, or has nothing left to do. */
export type WorkerPhase = 'running' | 'ending' | 'clearing' | 'done'

const resyncMs = 60_000
const firstRetryMs = 500
const maxRetryMs = 120_000

/**
 * One pod's life on the node: looks at the runtime, works out status and plan, carries it out, waits for the next
 * reason to look (upstream: pod_workers.go with SyncPod, SyncTerminatingPod, SyncTerminatedPod). Everything of one pod
 * happens here, one after the other.
 */
export class PodWorker {
  readonly #context: WorkerContext
  readonly #onDone: (worker: PodWorker) => void
  #pod: Pod
  #phase: WorkerPhase = 'running'
  #eviction: Eviction | undefined
  #orphaned = false
  #runtime: PodRuntime
  readonly #reasons = new Map<string, WaitingReason>()
  /** Starting is to stop: the pod ends. */
  readonly #stopStarting = new AbortController()
  #killing: { controller: AbortController; graceSeconds: number } | undefined
  #hooksRun = false
  #adopted = false
  readonly #seenAt: number
  /** Why it looks next. */
  #operation: PodOperation = 'create'
  #failures = 0
  #dirty = false
  /** The runtime has told of a change since the last look. */
  #changed = false
  #wake: (() => void) | undefined
  #stopped = false
  readonly #loop: Promise<void>

  constructor(context: WorkerContext, pod: Pod, onDone: (worker: PodWorker) => void) {
    this.#context = context
    this.#pod = pod
    this.#onDone = onDone
    this.#runtime = emptyPodRuntime(pod)
    this.#seenAt = context.clock.monotonic()
    context.metrics?.seen(pod)
    this.#loop = this.#run()
  }

  get pod(): Pod {
    return this.#pod
  }
  get uid(): string {
    return this.#pod.metadata.uid ?? ''
  }
  get phase(): WorkerPhase {
    return this.#phase
  }
  /** What the last look at the runtime found. */
  get runtime(): PodRuntime {
    return this.#runtime
  }

  /** The pod's object has changed. */
  update(pod: Pod): void {
    this.#pod = pod
    if (this.#operation !== 'create') this.#operation = 'update'
    if (this.#phase === 'done' && !this.#orphaned) this.#context.statuses.finish(pod)
    this.#noticeEnd()
    this.notice()
  }
  /** Something may have happened: look again. */
  notice(): void {
    this.#dirty = true
    this.#wake?.()
  }
  /** Something of the pod has changed in the runtime. */
  runtimeChanged(): void {
    this.#changed = true
    this.#wake?.()
  }
  /** The pod has to go, by the node's decision. */
  evict(eviction: Eviction): void {
    this.#eviction ??= eviction
    this.#noticeEnd()
    this.notice()
  }
  /** The API knows the pod no more: end it, and tell nobody. */
  orphan(): void {
    this.#orphaned = true
    this.#noticeEnd()
    this.notice()
  }
  /** Leaves everything as it is, for the next kubelet. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#killing?.controller.abort()
    this.notice()
    await this.#loop
  }

  #ends(): boolean {
    const { metadata, status } = this.#pod
    return (
      this.#orphaned ||
      this.#eviction !== undefined ||
      metadata.deletionTimestamp != null ||
      isTerminalPhase(status?.phase)
    )
  }
  #noticeEnd(): void {
    if (!this.#ends()) return
    this.#stopStarting.abort()
    // A shorter grace period takes effect at once.
    if (this.#killing !== undefined && this.#grace() < this.#killing.graceSeconds) this.#killing.controller.abort()
  }

  /** Seconds; at least 1, so that a container hears of its end (upstream: calculateEffectiveGracePeriod). */
  #grace(): number {
    const { metadata, spec } = this.#pod
    const asked = metadata.deletionTimestamp != null ? metadata.deletionGracePeriodSeconds : undefined
    return Math.max(1, asked ?? this.#eviction?.graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30)
  }

  async #run(): Promise<void> {
    // The constructor returns first.
    await Promise.resolve()
    while (!this.#stopped && this.#phase !== 'done') {
      this.#dirty = false
      let waitMs: number
      try {
        waitMs = await this.#measured(() => this.#sync())
        this.#failures = 0
      } catch (error) {
        waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** this.#failures++)
        const { message } = error as Error
        this.#context.log.warn('pod could not be synced', { pod: this.#name(), phase: this.#phase, error: message })
      }
      if (!this.#dirty && !this.#changed && waitMs > 0 && !this.#stopped) await this.#sleep(waitMs)
    }
    if (this.#phase === 'done') this.#onDone(this)
  }

  async #measured(sync: () => Promise<number>): Promise<number> {
    const { metrics, clock } = this.#context
    if (metrics === undefined) return sync()
    const began = clock.monotonic()
    const operation = this.#operation
    if (operation === 'create') metrics.begun((began - this.#seenAt) / 1000)
    this.#operation = 'sync'
    try {
      return await sync()
    } finally {
      metrics.looked(this.#phase === 'running' ? operation : 'kill', (clock.monotonic() - began) / 1000)
    }
  }

  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(waitMs, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = undefined
        cancel()
        resolve()
      }
    })
  }

  /** Answers how long to wait for something to happen (ms). */
  async #sync(): Promise<number> {
    if (this.#phase === 'running' && this.#ends()) this.#phase = 'ending'
    switch (this.#phase) {
      case 'running':
        return this.#keep()
      case 'ending':
        return this.#end()
      case 'clearing':
        return this.#clear()
      case 'done':
        return 0
    }
  }

  async #keep(): Promise<number> {
    const context = this.#context
    await this.#look()
    if (!this.#adopted) {
      this.#adopted = true
      const running = this.#runtime.containers.filter(({ state }) => state === 'running')
      context.resizes.adopted(
        this.#pod,
        running.map(({ name }) => name),
      )
    }
    context.resizes.consider(this.#pod)
    const pod = context.resizes.allocated(this.#pod)
    context.resizes.settle(pod, this.#runtime)
    const deadline = this.#deadline()
    if (deadline !== undefined && deadline <= context.clock.now()) {
      const message = 'Pod was active on the node longer than the specified deadline'
      context.events.event(pod, 'Normal', 'DeadlineExceeded', message)
      this.evict({ reason: 'DeadlineExceeded', message })
      return 0
    }
    const status = this.#report(pod, false)
    if (isTerminalPhase(status.phase)) {
      this.#phase = 'ending'
      return 0
    }
    const networkError = isHostNetwork(pod) ? undefined : context.networkError()
    if (networkError !== undefined) {
      const message = `network is not ready: ${networkError}`
      context.events.event(pod, 'Warning', 'NetworkNotReady', message)
      throw new Error(message)
    }
    await context.host.ensureCgroup(pod)
    await this.#mount(pod)
    context.probes.add(pod)
    return this.#carryOut(pod, status, deadline)
  }

  async #carryOut(pod: Pod, status: PodStatus, deadline: number | undefined): Promise<number> {
    const context = this.#context
    const restartAll =
      status.conditions?.some(({ type, status: is }) => type === 'AllContainersRestarting' && is === 'True') === true &&
      restartingAll(pod, this.#runtime, status)
    const steps = planPod({
      pod,
      runtime: this.#runtime,
      restartAll,
      liveness: (id) => context.probes.liveness(id),
      startup: (id) => context.probes.startup(id),
      resize: (container) => context.resizes.decide(pod, container),
      backOff: context.crashBackOff,
    })
    const ended = endedContainers(this.#runtime)
    const result = await execute(context, {
      pod,
      runtime: this.#runtime,
      steps,
      resize: (names) => context.resizes.apply(pod, names, this.#runtime),
      started: (container) => context.resizes.started(pod, container),
      sandboxReady: async () => {
        await this.#look()
        this.#report(pod, false)
      },
      signal: this.#stopStarting.signal,
    })
    for (const [name, reason] of result.reasons) {
      if (reason === undefined) this.#reasons.delete(name)
      else this.#reasons.set(name, reason)
    }
    if (result.acted || result.reasons.size > 0) {
      await this.#look()
      // What was changed here is no news; an end is.
      this.#changed = [...endedContainers(this.#runtime)].some((id) => !ended.has(id))
      this.#report(pod, false)
    }
    if (result.failure !== undefined) throw result.failure
    const now = context.clock.now()
    const next = Math.min(
      now + resyncMs,
      result.retryAt ?? Number.POSITIVE_INFINITY,
      deadline ?? Number.POSITIVE_INFINITY,
    )
    // What was just done may already ask for the next step, such as the next init container.
    if (result.acted && result.retryAt === undefined) return 0
    return Math.max(1, next - now)
  }

  async #mount(pod: Pod): Promise<void> {
    const context = this.#context
    try {
      await context.host.mountVolumes(context.facts(pod, this.#runtime.ips))
    } catch (error) {
      const failures = error instanceof VolumeErrors ? error.failures : [error as Error]
      for (const { message } of failures) context.events.event(pod, 'Warning', 'FailedMount', message)
      throw error
    }
  }

  async #end(): Promise<number> {
    const context = this.#context
    const pod = this.#pod
    await this.#look()
    if (this.#wasOver()) {
      this.#phase = 'clearing'
      return 0
    }
    if (!this.#orphaned) this.#report(pod, false)
    context.probes.stopLivenessAndStartup(this.uid)
    const graceSeconds = this.#grace()
    const controller = new AbortController()
    this.#killing = { controller, graceSeconds }
    const aborted = new Promise<'aborted'>((resolve) => {
      controller.signal.addEventListener('abort', () => resolve('aborted'), { once: true })
    })
    const before = this.#runtime
    const request = { pod, runtime: before, graceSeconds, again: this.#hooksRun, signal: controller.signal }
    this.#hooksRun = true
    const outcome = await Promise.race([killPod(context, request).then(() => 'killed' as const), aborted])
    this.#killing = undefined
    // A shorter grace period, or the kubelet's own end: what is under way goes on beside.
    if (outcome === 'aborted') return 0
    context.probes.remove(this.uid)
    await this.#look()
    const running = this.#runtime.containers.filter(({ state }) => state === 'running')
    if (running.length > 0) {
      throw new Error(`containers run after they were ended: ${running.map(({ id }) => id).join(', ')}`)
    }
    // Before the end is told: whoever hears of it may give the devices to others.
    await context.devices?.unprepare(pod)
    this.#phase = 'clearing'
    if (!this.#orphaned) this.#report(pod, true)
    return 0
  }

  /** It had ended before this worker came: its status is told already. */
  #wasOver(): boolean {
    const { sandboxes, containers } = this.#runtime
    const quiet = sandboxes.every(({ ready }) => !ready) && containers.every(({ state }) => state === 'exited')
    return quiet && !this.#adopted && !this.#orphaned && isTerminalPhase(this.#pod.status?.phase)
  }

  async #clear(): Promise<number> {
    const context = this.#context
    await context.host.cleanUp(this.uid)
    context.resizes.forget(this.uid)
    if (!this.#orphaned) context.statuses.finish(this.#pod)
    this.#phase = 'done'
    return 0
  }

  async #look(): Promise<void> {
    const { name = '', namespace = '' } = this.#pod.metadata
    this.#changed = false
    const seen = await this.#context.observer.observe({ uid: this.uid, name, namespace })
    // A pod keeps its addresses to the end, though its sandbox has given them back.
    const known = this.#runtime.ips.length > 0 ? this.#runtime.ips : (this.#status().podIPs ?? []).map(({ ip }) => ip)
    const ips = seen.ips.length > 0 || seen.sandboxes.some(({ ready }) => ready) ? seen.ips : known
    const { metrics } = this.#context
    if (metrics !== undefined) {
      const ran = new Set(this.#runtime.containers.filter(({ state }) => state !== 'exited').map(({ id }) => id))
      for (const container of seen.containers)
        if (container.state === 'exited' && ran.has(container.id)) metrics.ended(this.#pod, container)
    }
    this.#runtime = { ...seen, ips }
  }

  #status(): PodStatus {
    return this.#context.statuses.get(this.uid) ?? this.#pod.status ?? {}
  }

  /** `terminal`: its containers have ended for good. */
  #report(pod: Pod, terminal: boolean): PodStatus {
    const context = this.#context
    const status = podStatus({
      pod,
      runtime: this.#runtime,
      old: this.#status(),
      terminal,
      isStatic: isStaticPod(pod),
      reasons: this.#reasons,
      probes: context.probes.view(pod),
      hostIPs: context.hostIPs(),
      runtimeName: context.runtimeName,
      recursiveReadOnly: false,
      eviction: this.#eviction,
      resizeConditions: context.resizes.conditions(pod),
    })
    context.metrics?.reported(pod, status)
    return context.statuses.set(pod, this.#disrupted(status), !terminal)
  }

  #disrupted(status: PodStatus): PodStatus {
    const disruption = this.#eviction?.disruption
    if (disruption === undefined || status.conditions?.some(({ type }) => type === 'DisruptionTarget')) return status
    const message = this.#eviction?.message
    const condition = { type: 'DisruptionTarget', status: 'True', reason: disruption, message } as const
    return { ...status, conditions: [...(status.conditions ?? []), condition] }
  }

  /** When the pod has been active long enough (epoch ms). */
  #deadline(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds
    const start = this.#status().startTime
    return seconds === undefined || start === undefined ? undefined : Date.parse(start) + seconds * 1000
  }

  #name(): string {
    return `${this.#pod.metadata.namespace}/${this.#pod.metadata.name}`
  }
}

function endedContainers({ containers }: PodRuntime): ReadonlySet<string> {
  return new Set(containers.filter(({ state }) => state === 'exited').map(({ id }) => id))
}
