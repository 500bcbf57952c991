import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import type { Pod } from '../api/types.generated.ts'
import type { Client } from '../client/client.ts'
import { createSeriesEventRecorder, type SeriesEventRecorder } from '../client/events/series-event-recorder.ts'
import type { Informer, InformerFactory, InformerHandler } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import { PodInfo } from './cache/pod-info.ts'
import { SchedulerCache } from './cache/scheduler-cache.ts'
import { schedulerNameOf } from './cache/scheduler-name.ts'
import { ApiCalls } from './cycle/api-calls.ts'
import { patchStatus } from './cycle/pod-status.ts'
import { NoNodesError, type PodScheduling } from './cycle/schedule-pod.ts'
import { configurationOf } from './configuration/configuration.ts'
import type { SchedulerConfiguration } from './configuration/types.ts'
import { EventHandlers } from './event-handlers.ts'
import { type Extender, extenderName } from './extenders/extender.ts'
import { makeExtenders, withIgnoredResources } from './extenders/extenders.ts'
import type { CycleState } from './framework/cycle-state.ts'
import { Diagnosis, FitError, fitMessage } from './framework/diagnosis.ts'
import { SchedulingTimes } from './framework/plugin-timing.ts'
import type { Rejection } from './framework/rejection.ts'
import { informerLookups } from './informer-lookups.ts'
import { podResourceMetrics } from './pod-resource-metrics.ts'
import { makeProfiles, type Profile } from './profiles.ts'
import { Nominator } from './queue/nominator.ts'
import type { QueuedPod } from './queue/queued-pod.ts'
import { SchedulingQueue } from './queue/scheduling-queue.ts'
import { type AttemptResult, SchedulerMetrics } from './scheduler-metrics.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly informers: InformerFactory
  /** Default: events.k8s.io events of its own, in the scheduler's name. */
  readonly events?: SeriesEventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Default: one profile, `default-scheduler`, with all plugins. */
  readonly configuration?: SchedulerConfiguration
  /** After how long pods are tried again though nothing has happened for them; default: five minutes. */
  readonly longestUnschedulableMs?: number
  /** Where it is told how scheduling goes; default: nowhere. */
  readonly metrics?: MetricsRegistry
}

export interface SchedulerComponent extends Component {
  /** Whether it knows the cluster, and schedules. */
  readonly running: boolean
  /** What pods ask for, at `/metrics/resources`. */
  readonly resources: MetricsRegistry
}

// Scheduling gives way to everything else in the process after so long, or so many pods.
const turnMs = 4
const podsPerTurn = 64
/** Bindings under way at most, before more pods are scheduled. */
const mostCalls = 512
/** Events hold no more (NoteLengthLimit). */
const longestNote = 1024

/**
 * Chooses a node for each pod that has none, and binds it there (pkg/scheduler). One pod at a time is decided, in one go
 * unless extenders are to be asked; bindings and other calls of the API run beside that. Throws an Error for a
 * configuration that cannot be.
 */
export function createScheduler(options: SchedulerOptions): SchedulerComponent {
  return new Scheduler(options)
}

class Scheduler implements SchedulerComponent {
  readonly name = 'scheduler'
  readonly #client: Client
  readonly #clock: Clock
  readonly #log: Logger
  readonly #ownEvents: boolean
  readonly #calls: ApiCalls
  readonly #cache = new SchedulerCache()
  readonly #queue: SchedulingQueue
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #extenders: readonly Extender[]
  readonly #pods: Informer<Pod>
  readonly #subscribe: () => (() => void)[]
  readonly #synced: (signal: AbortSignal) => Promise<unknown>
  readonly #stopping = new AbortController()
  readonly #metrics: SchedulerMetrics
  #subscriptions: (() => void)[] = []
  #running = false
  #turnPlanned = false
  /** Bindings under way. */
  #binding = 0
  /** An extender is being asked about a pod: others wait. */
  #asking = false

  constructor(options: SchedulerOptions) {
    const { client, informers, clock, random, log } = options
    const configuration = withIgnoredResources(options.configuration ?? configurationOf())
    this.#client = client
    this.#clock = clock
    const metrics = options.metrics ?? new MetricsRegistry()
    this.#metrics = new SchedulerMetrics(metrics, clock)
    this.#log = log
    this.#ownEvents = options.events === undefined
    this.#calls = new ApiCalls(clock)
    this.#pods = informers.for(pods)
    const { lookups, sources } = informerLookups(informers, this.#cache)
    this.#extenders = makeExtenders(configuration.extenders ?? [], (name) => this.#cache.node(name), clock)
    const nominator = new Nominator()
    this.#profiles = makeProfiles({
      configuration,
      cache: this.#cache,
      lookups,
      nominator,
      extenders: this.#extenders,
      client,
      calls: this.#calls,
      clock,
      random,
      log,
      metrics: this.#metrics,
      times: new SchedulingTimes(metrics, clock),
      eventsOf: (reportingController) =>
        options.events ?? createSeriesEventRecorder({ client, reportingController, clock, random, log }),
      podNow: (key) => {
        const pod = this.#pods.get(key)
        return pod && { deleting: pod.metadata.deletionTimestamp !== undefined }
      },
      retry: (uid) => this.#queue.activate(uid),
    })
    this.#queue = new SchedulingQueue({
      clock,
      nominator,
      plugins: new Map(Array.from(this.#profiles, ([name, { plugins }]) => [name, plugins])),
      rejectors: this.#extenders.length > 0 ? [extenderName] : [],
      longestUnschedulableMs: options.longestUnschedulableMs,
      wake: () => this.#wake(),
      backoff: {
        initialMs: configuration.podInitialBackoffSeconds * 1000,
        maxMs: configuration.podMaxBackoffSeconds * 1000,
      },
      incoming: (queue, event) => this.#metrics.incoming(queue, event),
    })
    this.#metrics.follow({
      queue: () => this.#queue.counts,
      cache: () => this.#cache.counted,
      inFlight: () => this.#queue.inFlight,
      binding: () => this.#binding,
      rejected: () => rejectedPods(this.#queue.parked()),
    })
    const handlers = new EventHandlers(this.#cache, this.#queue, new Set(this.#profiles.keys()), this.#metrics)
    const nodeInformer = informers.for(nodes)
    const on = <T extends KubeObject>(informer: Informer<T>, handler: InformerHandler<KubeObject>) =>
      informer.subscribe(handler as InformerHandler<T>)
    this.#subscribe = () => [
      nodeInformer.subscribe(handlers.nodes),
      this.#pods.subscribe(handlers.pods),
      on(sources.persistentVolumes, handlers.others('PersistentVolume')),
      on(sources.persistentVolumeClaims, handlers.others('PersistentVolumeClaim')),
      on(sources.storageClasses, handlers.others('StorageClass')),
      on(sources.csiNodes, handlers.others('CSINode')),
      on(sources.csiDrivers, handlers.others('CSIDriver')),
      on(sources.storageCapacities, handlers.others('CSIStorageCapacity')),
      on(sources.volumeAttachments, handlers.others('VolumeAttachment')),
      // What plugins know of claims comes before the question whether that helps anyone.
      sources.resourceClaims.subscribe(lookups.deviceClaims.handler),
      lookups.deviceClaims.whenAssumed(handlers.others('ResourceClaim').updated!),
      on(sources.resourceClaims, handlers.others('ResourceClaim')),
      on(sources.deviceClasses, handlers.others('DeviceClass')),
      on(sources.resourceSlices, handlers.others('ResourceSlice')),
    ]
    this.#synced = (signal) =>
      Promise.all([nodeInformer, this.#pods, ...Object.values(sources)].map((informer) => informer.whenSynced(signal)))
  }

  get running(): boolean {
    return this.#running
  }

  get resources(): MetricsRegistry {
    return podResourceMetrics(() => this.#pods.list())
  }

  /** Returns at once; scheduling begins when the cluster is known. */
  async start(): Promise<void> {
    this.#subscriptions = this.#subscribe()
    this.#synced(this.#stopping.signal).then(
      () => {
        this.#running = true
        this.#log.info('scheduling', { nodes: this.#cache.nodes.length })
        this.#wake()
      },
      () => {},
    )
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#stopping.abort()
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#queue.stop()
    await this.#calls.settled()
    if (this.#ownEvents) for (const { events } of this.#profiles.values()) events.stop()
  }

  #wake(): void {
    if (!this.#running || this.#turnPlanned || this.#asking) return
    this.#turnPlanned = true
    setImmediate(() => {
      this.#turnPlanned = false
      this.#turn()
    })
  }

  #turn(): void {
    const end = this.#clock.monotonic() + turnMs
    for (let count = 0; count < podsPerTurn; count++) {
      // When calls have finished there is another turn.
      if (!this.#running || this.#calls.pending >= mostCalls) return
      const next = this.#queue.pop()
      if (!next) return
      this.#scheduleOne(next)
      // When the extenders have answered there is another turn.
      if (this.#asking) return
      if (this.#clock.monotonic() >= end) break
    }
    this.#wake()
  }

  /** Only pods of a profile come into the queue. */
  #profileOf({ pod }: PodInfo): Profile {
    return this.#profiles.get(schedulerNameOf(pod))!
  }

  #scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    const { runner, scheduling, events } = this.#profileOf(info)
    if (info.terminating) {
      const note = `skip schedule deleting pod: ${info.key}`
      events.event(info.pod, undefined, 'Warning', 'FailedScheduling', 'Scheduling', note)
      return this.#queue.done(info.uid)
    }
    // An update of the pod can bring it back while it is being bound.
    if (this.#cache.pod(info.uid)) return this.#queue.done(info.uid)
    const state = runner.newCycle()
    const began = this.#clock.monotonic()
    const asked = this.#extenders.length === 0 ? [] : this.#extenders.filter((extender) => extender.isInterested(info))
    if (asked.length > 0) {
      state.extenders = asked
      void this.#scheduleExtended(queued, state, scheduling, began)
      return
    }
    try {
      this.#assume(queued, state, scheduling.schedule(state, info), began)
    } catch (error) {
      void this.#fail(queued, state, error, began)
    }
  }

  async #scheduleExtended(
    queued: QueuedPod,
    state: CycleState,
    scheduling: PodScheduling,
    began: number,
  ): Promise<void> {
    this.#asking = true
    this.#queue.keepEvents()
    try {
      const node = await scheduling.scheduleExtended(state, queued.info, state.extenders)
      this.#assume(queued, state, node, began)
    } catch (error) {
      await this.#fail(queued, state, error, began)
    } finally {
      this.#asking = false
      this.#queue.forgetEvents()
    }
    this.#wake()
  }

  #assume(queued: QueuedPod, state: CycleState, node: string, began: number): void {
    const { info } = queued
    const { runner } = this.#profileOf(info)
    this.#metrics.found((this.#clock.monotonic() - began) / 1000)
    const assumed = this.#cache.assume(info, node)
    this.#queue.nominator.delete(info.uid)
    const rejection = runner.reserve(state, assumed, node)
    if (rejection) {
      this.#cache.forget(info.uid)
      throw rejectedBy(rejection, node)
    }
    void this.#bind(queued, state, assumed, node, began)
  }

  async #bind(queued: QueuedPod, state: CycleState, assumed: PodInfo, node: string, began: number): Promise<void> {
    const { runner, events } = this.#profileOf(assumed)
    this.#binding += 1
    try {
      if (runner.willPreBind(state, assumed, node)) await this.#expect(assumed, node)
      await runner.preBind(state, assumed, node)
      await this.#bound(state, assumed, node)
      this.#queue.done(assumed.uid)
      this.#attempted('scheduled', assumed, began)
      const { attempts, firstTried = 0, flushedAt } = queued
      this.#metrics.bound(attempts, (this.#clock.now() - firstTried) / 1000, flushedAt > 0)
      this.#log.debug('bound pod', { pod: assumed.key, node })
      const note = `Successfully assigned ${assumed.key} to ${node}`
      events.event(assumed.pod, undefined, 'Normal', 'Scheduled', 'Binding', note)
    } catch (error) {
      runner.unreserve(state, assumed, node)
      this.#cache.forget(assumed.uid)
      this.#queue.podDeleted(assumed.pod)
      void this.#fail(queued, state, error, began)
    } finally {
      this.#binding -= 1
    }
    this.#wake()
  }

  /** Tells where the pod will go while something is done for it first (KEP 5278). */
  async #expect({ key, pod }: PodInfo, node: string): Promise<void> {
    try {
      await this.#calls.run(() => patchStatus(this.#client, pod, { nominatedNode: node }, this.#clock.now()))
    } catch (error) {
      this.#log.error('nominated node is not told', { pod: key, node, error })
    }
  }

  /** By the extender that binds, if one does. */
  async #bound(state: CycleState, assumed: PodInfo, node: string): Promise<void> {
    const binder = state.extenders.find(({ binds }) => binds)
    if (binder !== undefined)
      try {
        return await this.#calls.run(() => binder.bind(assumed, node))
      } catch (error) {
        if (!binder.ignorable) throw error
        this.#log.info('extender failed and is passed over', { extender: binder.name, error })
      }
    await this.#calls.run(() => this.#profileOf(assumed).runner.bind(state, assumed, node))
  }

  #attempted(result: AttemptResult, { pod }: PodInfo, began: number): void {
    this.#metrics.attempted(result, schedulerNameOf(pod), (this.#clock.monotonic() - began) / 1000)
  }

  /**
   * Makes room for the pod if that would help, and puts it back (schedule_one.go schedulingAlgorithm). A promise only where
   * extenders are asked about that.
   */
  #fail(queued: QueuedPod, state: CycleState, error: unknown, began: number): Promise<void> | undefined {
    if (!(error instanceof FitError)) {
      this.#takeBack(queued, error, '', began)
      return undefined
    }
    const { runner } = this.#profileOf(queued.info)
    if (error.reserved || !runner.postFilters) {
      this.#takeBack(queued, error, '', began)
      return undefined
    }
    const made = runner.postFilter(state, queued.info, error.diagnosis)
    const end = (result: Awaited<typeof made>) => {
      error.diagnosis.postFilterMessage = result?.message ?? ''
      this.#takeBack(queued, error, result?.nominatedNode, began)
    }
    if (made instanceof Promise) return made.then(end)
    end(made)
    return undefined
  }

  /** Puts the pod back, and says why: in an event and in its condition (schedule_one.go handleSchedulingFailure). */
  #takeBack(queued: QueuedPod, error: unknown, nominatedNode: string | undefined, began: number): void {
    const { key, uid } = queued.info
    const { events } = this.#profileOf(queued.info)
    const isUnschedulable = error instanceof FitError || error instanceof NoNodesError
    const reason = isUnschedulable ? 'Unschedulable' : 'SchedulerError'
    const diagnosis = error instanceof FitError ? error.diagnosis : undefined
    const message = error instanceof Error ? messageOfFailure(error) : String(error)
    if (!isUnschedulable) this.#log.error('scheduling failed, to be tried again', { pod: key, error })

    this.#attempted(isUnschedulable ? 'unschedulable' : 'error', queued.info, began)
    const pod = this.#pods.get(key)
    if (!pod || pod.metadata.uid !== uid || pod.spec?.nodeName || !this.#running) return this.#queue.done(uid)
    const info = new PodInfo(pod)
    this.#queue.takeBack(queued, info, diagnosis?.rejectors ?? nobody, diagnosis?.pending ?? nobody)
    this.#queue.nominator.set(info, nominatedNode)
    const note = message.length <= longestNote ? message : `${message.slice(0, longestNote - 4)} ...`
    events.event(pod, undefined, 'Warning', 'FailedScheduling', 'Scheduling', note)
    const condition = { type: 'PodScheduled', status: 'False', reason, message } as const
    this.#calls
      .run(() => patchStatus(this.#client, pod, { condition, nominatedNode }, this.#clock.now()))
      .catch((error) => this.#log.warn('status of pod not written', { pod: key, error }))
      .finally(() => this.#wake())
  }
}

const nobody: ReadonlySet<string> = new Set()

function messageOfFailure(error: Error): string {
  return error instanceof FitError ? fitMessage(error.nodeCount, error.diagnosis) : error.message
}

/** A node was found, and then something of it could not be held for the pod. */
function rejectedBy(rejection: Rejection, node: string): FitError {
  const diagnosis = new Diagnosis()
  diagnosis.reject(node, rejection)
  return new FitError(1, diagnosis, true)
}

/** How many pods each plugin keeps out, by profile. */
function* rejectedPods(parked: Iterable<QueuedPod>): Generator<readonly [string, string, number]> {
  const counts = new Map<string, number>()
  for (const { info, rejectors } of parked)
    for (const plugin of rejectors) {
      const key = `${plugin} ${schedulerNameOf(info.pod)}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  for (const [key, count] of counts) {
    const [plugin = '', profile = ''] = key.split(' ')
    yield [plugin, profile, count]
  }
}
