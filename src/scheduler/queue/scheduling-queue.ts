import type { Pod } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { PodInfo } from '../cache/pod-info.ts'
import { schedulerNameOf } from '../cache/scheduler-name.ts'
import type { ChosenPlugins } from '../framework/chosen-plugins.ts'
import {
  assignedPodDelete,
  type ClusterEvent,
  eventLabel,
  includes,
  podChanges,
  wildcard,
} from '../framework/cluster-event.ts'
import type { EventHint, SchedulerPlugin } from '../framework/plugin.ts'
import { backoffEnd, type BackoffOptions, defaultBackoff, freeAt, isBackingOff } from './backoff.ts'
import { Heap } from './heap.ts'
import { Nominator } from './nominator.ts'
import { newQueuedPod, prioritySort, type QueuedPod } from './queued-pod.ts'

const longestUnschedulableMs = 5 * 60_000
const flushEveryMs = 30_000

export type QueueName = 'active' | 'backoff' | 'unschedulable'

interface Hint extends EventHint {
  readonly plugin: string
}

interface MissedEvent {
  readonly event: ClusterEvent
  readonly old?: KubeObject
  readonly object?: KubeObject
  readonly among?: (info: PodInfo) => boolean
}

/** What the plugins of a profile have to say to its queue. */
interface ProfileHints {
  readonly gates: readonly SchedulerPlugin[]
  readonly hints: readonly Hint[]
  /** Plugins that do not say which events matter to them, so that each does. */
  readonly anyEvent: ReadonlySet<string>
}

function hintsOf({ all, at }: ChosenPlugins, others: readonly string[]): ProfileHints {
  return {
    gates: at.preEnqueue.filter((plugin) => plugin.preEnqueue),
    hints: all.flatMap(({ name, events = [] }) => events.map((event) => ({ ...event, plugin: name }))),
    anyEvent: new Set([...all.filter(({ events }) => events === undefined).map(({ name }) => name), ...others]),
  }
}

/**
 * Pods that wait: those to be tried next, by priority; those that were tried and have to wait a little; and those for
 * which something must change first. Upstream: pkg/scheduler/backend/queue. A pod is in one of them, or being scheduled.
 */
export class SchedulingQueue {
  readonly nominator: Nominator
  readonly #clock: Clock
  readonly #backoff: BackoffOptions
  readonly #longestUnschedulableMs: number
  readonly #profiles: ReadonlyMap<string, ProfileHints>
  readonly #wake: () => void
  readonly #incoming: (queue: QueueName, event: string) => void
  readonly #active = new Heap<QueuedPod>(uidOf, prioritySort)
  readonly #backingOff: Heap<QueuedPod>
  /** After errors: not shortened when there is nothing else to do. */
  readonly #errors: Heap<QueuedPod>
  readonly #unschedulable = new Map<string, QueuedPod>()
  /** Popped, and neither bound nor returned yet. */
  readonly #inFlight = new Set<string>()
  /** What has happened since a pod was popped that is decided with pauses. */
  #missed: MissedEvent[] | undefined
  #sequence = 0
  #cancelBackoff: (() => void) | undefined
  #backoffDue = Number.POSITIVE_INFINITY
  #cancelFlush: (() => void) | undefined

  /** `wake` is called when there is something to pop. */
  constructor(options: {
    readonly clock: Clock
    readonly nominator?: Nominator
    /** By the names of their profiles. */
    readonly plugins: ReadonlyMap<string, ChosenPlugins>
    /** Who may reject pods beside plugins, and be helped by anything. */
    readonly rejectors?: readonly string[]
    /** After how long pods are tried again though nothing has happened for them. */
    readonly longestUnschedulableMs?: number
    readonly wake: () => void
    readonly backoff?: BackoffOptions
    /** Told what comes into which queue, and why. */
    readonly incoming?: (queue: QueueName, event: string) => void
  }) {
    const { clock, plugins, rejectors = [], wake, backoff = defaultBackoff, incoming = () => {} } = options
    this.nominator = options.nominator ?? new Nominator()
    this.#incoming = incoming
    this.#clock = clock
    this.#backoff = backoff
    this.#wake = wake
    this.#longestUnschedulableMs = options.longestUnschedulableMs ?? longestUnschedulableMs
    this.#profiles = new Map(Array.from(plugins, ([profile, chosen]) => [profile, hintsOf(chosen, rejectors)]))
    const end = (pod: QueuedPod) => backoffEnd(pod, backoff)
    this.#backingOff = new Heap(uidOf, (a, b) => (end(a) === end(b) ? prioritySort(a, b) : end(a) < end(b)))
    this.#errors = new Heap(uidOf, (a, b) => end(a) < end(b))
  }

  get counts() {
    let gated = 0
    for (const { gate } of this.#unschedulable.values()) if (gate !== undefined) gated += 1
    return {
      gated,
      active: this.#active.size,
      backoff: this.#backingOff.size + this.#errors.size,
      unschedulable: this.#unschedulable.size,
    }
  }
  /** Pods that were popped, and are neither bound nor returned yet. */
  get inFlight(): number {
    return this.#inFlight.size
  }
  /** Pods for which something must change first. */
  parked(): Iterable<QueuedPod> {
    return this.#unschedulable.values()
  }
  /** Whether an event could matter to anyone. */
  get hasUnschedulable(): boolean {
    return this.#unschedulable.size > 0 || this.#missed !== undefined
  }

  add(pod: Pod): void {
    const info = new PodInfo(pod)
    this.nominator.set(info)
    this.#toActive(newQueuedPod(info, this.#clock.now(), this.#sequence++), 'UnscheduledPodAdd')
  }

  /** The next pod to try: with nothing to do, one whose backoff is not over yet. */
  pop(): QueuedPod | undefined {
    const pod = this.#active.pop() ?? this.#backingOff.pop()
    if (!pod) return undefined
    pod.attempts++
    pod.firstTried ??= this.#clock.now()
    this.#inFlight.add(pod.info.uid)
    return pod
  }

  /** The pod is bound, or gone. */
  done(uid: string): void {
    this.#inFlight.delete(uid)
  }

  /** Takes a pod back that could not be scheduled, with those who rejected it; none: something went wrong. */
  takeBack(pod: QueuedPod, info: PodInfo, rejectors: ReadonlySet<string>, pending: ReadonlySet<string>): void {
    this.#inFlight.delete(info.uid)
    if (this.#find(info.uid)) return
    pod.info = info
    pod.rejectors = rejectors
    pod.pending = pending
    const failed = rejectors.size === 0 && pending.size === 0
    if (failed) pod.consecutiveErrors++
    else {
      pod.unschedulableCount++
      pod.consecutiveErrors = 0
    }
    pod.timestamp = this.#clock.now()
    pod.backoffUntil = undefined
    pod.flushedAt = 0
    const worth = failed ? 'later' : this.#worthOfMissed(pod)
    if (worth === undefined) this.#park(pod, 'ScheduleAttemptFailure')
    else this.#requeue(pod, worth === 'now', 'ScheduleAttemptFailure')
  }

  /**
   * From here until the popped pod is taken back events are kept for it: it is decided with pauses, and what helps may
   * happen before anyone knows that it needs help (active_queue.go, in-flight events).
   */
  keepEvents(): void {
    this.#missed = []
  }
  /** Nobody needs them any more. */
  forgetEvents(): void {
    this.#missed = undefined
  }

  #worthOfMissed(pod: QueuedPod): 'now' | 'later' | undefined {
    let worth: 'now' | 'later' | undefined
    for (const { event, old, object, among } of this.#missed ?? []) {
      if (among && !among(pod.info)) continue
      worth = this.#worth(pod, event, old, object) ?? worth
      if (worth === 'now') break
    }
    return worth
  }

  /** The pod changed while it waits. */
  update(old: Pod, pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (this.#inFlight.has(uid)) {
      for (const event of podChanges(pod, old, true)) this.#missed?.push({ event, old, object: pod })
      return
    }
    const waiting = this.#find(uid)
    if (!waiting) return this.add(pod)
    const before = waiting.info
    waiting.info = new PodInfo(pod)
    this.nominator.update(before, waiting.info)
    const parked = this.#unschedulable.has(uid)
    if (!parked) {
      for (const heap of [this.#active, this.#backingOff, this.#errors]) if (heap.get(uid)) heap.set(waiting)
      return
    }
    for (const event of podChanges(pod, old, true)) {
      if (!this.#concerns(waiting, event)) continue
      const worth = this.#worth(waiting, event, old, pod)
      if (worth === undefined) continue
      this.#requeue(waiting, worth === 'now', 'UnscheduledPodUpdate')
      return
    }
  }

  delete(uid: string): void {
    this.nominator.delete(uid)
    this.#inFlight.delete(uid)
    this.#active.delete(uid)
    this.#backingOff.delete(uid)
    this.#errors.delete(uid)
    this.#unschedulable.delete(uid)
  }

  /** Tries this pod again whatever its plugins say, e.g. since room was made for it. */
  activate(uid: string): void {
    const pod = this.#unschedulable.get(uid) ?? this.#backingOff.delete(uid) ?? this.#errors.delete(uid)
    if (pod) this.#toActive(pod, 'ForceActivate')
  }

  /** Something happened: moves the pods for which it may matter. `among`: only these are asked. */
  move(event: ClusterEvent, old?: KubeObject, object?: KubeObject, among?: (info: PodInfo) => boolean): void {
    this.#missed?.push({ event, old, object, among })
    if (this.#unschedulable.size === 0) return
    const matters = ({ hints, anyEvent }: ProfileHints) =>
      anyEvent.size > 0 || hints.some((hint) => includes(hint, event))
    if (event !== wildcard && !Iterator.from(this.#profiles.values()).some(matters)) return
    for (const pod of Array.from(this.#unschedulable.values())) {
      if (among && !among(pod.info)) continue
      if (!this.#concerns(pod, event)) continue
      const worth = this.#worth(pod, event, old, object)
      if (worth !== undefined) this.#requeue(pod, worth === 'now', eventLabel(event))
    }
  }

  podDeleted(pod: Pod, among?: (info: PodInfo) => boolean): void {
    this.move(assignedPodDelete, pod, undefined, among)
  }

  stop(): void {
    this.#cancelBackoff?.()
    this.#cancelFlush?.()
  }

  #find(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backingOff.get(uid) ?? this.#errors.get(uid) ?? this.#unschedulable.get(uid)
  }

  /** A pod that is kept out by a gate is asked again only for what its gate waits for. */
  #concerns(pod: QueuedPod, event: ClusterEvent): boolean {
    if (pod.gate === undefined || event === wildcard) return true
    return this.#hintsFor(pod).hints.some((hint) => hint.plugin === pod.gate && includes(hint, event))
  }

  #hintsFor({ info }: QueuedPod): ProfileHints {
    return this.#profiles.get(schedulerNameOf(info.pod)) ?? noHints
  }

  #worth(pod: QueuedPod, event: ClusterEvent, old?: KubeObject, object?: KubeObject): 'now' | 'later' | undefined {
    const { rejectors, pending } = pod
    if (rejectors.size === 0 && pending.size === 0) return 'later'
    if (event === wildcard) return 'later'
    const { hints, anyEvent } = this.#hintsFor(pod)
    let worth: 'later' | undefined
    for (const name of [...pending, ...rejectors]) {
      if (anyEvent.has(name)) worth = 'later'
    }
    for (const hint of hints) {
      if (!includes(hint, event)) continue
      const isPending = pending.has(hint.plugin)
      if (!isPending && !rejectors.has(hint.plugin)) continue
      if (hint.hint && !hint.hint(pod.info, old, object)) continue
      if (isPending) return 'now'
      worth = 'later'
      if (pending.size === 0) return worth
    }
    return worth
  }

  #requeue(pod: QueuedPod, now: boolean, event: string): void {
    if (!now && isBackingOff(pod, this.#clock.now(), this.#backoff)) this.#toBackoff(pod, event)
    else this.#toActive(pod, event)
  }

  #toActive(pod: QueuedPod, event: string): void {
    if (this.#gated(pod, event)) return
    this.#incoming('active', event)
    this.#unschedulable.delete(pod.info.uid)
    this.#active.set(pod)
    this.#wake()
  }

  #toBackoff(pod: QueuedPod, event: string): void {
    if (this.#gated(pod, event)) return
    this.#incoming('backoff', event)
    this.#unschedulable.delete(pod.info.uid)
    const failed = pod.rejectors.size === 0 && pod.pending.size === 0
    ;(failed ? this.#errors : this.#backingOff).set(pod)
    this.#armBackoff()
    if (!failed) this.#wake()
  }

  #gated(pod: QueuedPod, event: string): boolean {
    for (const plugin of this.#hintsFor(pod).gates) {
      const rejection = plugin.preEnqueue!(pod.info)
      if (!rejection) continue
      pod.gate = plugin.name
      pod.rejectors = new Set([...pod.rejectors, plugin.name])
      this.#park(pod, event)
      return true
    }
    pod.gate = undefined
    return false
  }

  #park(pod: QueuedPod, event: string): void {
    this.#incoming('unschedulable', event)
    this.#unschedulable.set(pod.info.uid, pod)
    this.#cancelFlush ??= this.#clock.after(flushEveryMs, () => this.#flush())
  }

  #armBackoff(): void {
    const ends = [this.#backingOff.peek(), this.#errors.peek()].map((pod) =>
      pod ? backoffEnd(pod, this.#backoff) : Number.POSITIVE_INFINITY,
    )
    const due = freeAt(Math.min(...ends))
    if (due === this.#backoffDue) return
    this.#cancelBackoff?.()
    this.#cancelBackoff = undefined
    this.#backoffDue = due
    if (due === Number.POSITIVE_INFINITY) return
    this.#cancelBackoff = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      this.#backoffDue = Number.POSITIVE_INFINITY
      const now = this.#clock.now()
      for (const heap of [this.#backingOff, this.#errors]) {
        for (let pod = heap.peek(); pod && !isBackingOff(pod, now, this.#backoff); pod = heap.peek()) {
          heap.pop()
          this.#incoming('active', 'BackoffComplete')
          this.#active.set(pod)
          this.#wake()
        }
      }
      this.#armBackoff()
    })
  }

  /** Whoever has waited for long is tried again, should an event have been missed. */
  #flush(): void {
    this.#cancelFlush = undefined
    const now = this.#clock.now()
    for (const pod of Array.from(this.#unschedulable.values())) {
      if (now - Math.max(pod.timestamp, pod.flushedAt) <= this.#longestUnschedulableMs) continue
      pod.flushedAt = now
      this.#requeue(pod, false, 'UnschedulableTimeout')
    }
    if (this.#unschedulable.size > 0) {
      this.#cancelFlush ??= this.#clock.after(flushEveryMs, () => this.#flush())
    }
  }
}

const noHints: ProfileHints = { gates: [], hints: [], anyEvent: new Set() }

function uidOf(pod: QueuedPod): string {
  return pod.info.uid
}
