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
import { ApiCalls } from './cycle/api-calls.ts'
import { patchStatus } from './cycle/pod-status.ts'
import { NoNodesError, PodScheduling } from './cycle/schedule-pod.ts'
import type { SchedulerConfiguration, SchedulerProfile } from './configuration/configuration.ts'
import { choosePlugins } from './configuration/plugin-choice.ts'
import { EventHandlers, schedulerNameOf } from './event-handlers.ts'
import type { CycleState } from './framework/cycle-state.ts'
import { FitError, fitMessage } from './framework/diagnosis.ts'
import { PluginRunner } from './framework/plugin-runner.ts'
import { SchedulingTimes } from './framework/plugin-timing.ts'
import { messageOf } from './framework/rejection.ts'
import { informerLookups } from './informer-lookups.ts'
import { podResourceMetrics } from './pod-resource-metrics.ts'
import { PreemptionExecutor } from './plugins/default-preemption/executor.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit/plugin.ts'
import { scoreBy } from './plugins/node-resources-fit/scoring.ts'
import { defaultPlugins } from './plugins/registry.ts'
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
  /** Where it is told how scheduling goes; default: nowhere. */
  readonly metrics?: MetricsRegistry
}

export interface SchedulerComponent extends Component {
  /** Whether it knows the cluster, and schedules. */
  readonly running: boolean
  /** What pods ask for, at `/metrics/resources`. */
  readonly resources: MetricsRegistry
}

/** How pods of one `spec.schedulerName` are scheduled. All profiles see the same cluster and share one queue. */
interface Profile {
  readonly runner: PluginRunner
  readonly scheduling: PodScheduling
  readonly events: SeriesEventRecorder
}

// Scheduling gives way to everything else in the process after so long, or so many pods.
const turnMs = 4
const podsPerTurn = 64
/** Bindings under way at most, before more pods are scheduled. */
const mostCalls = 512
const defaultConfiguration: SchedulerConfiguration = { profiles: [{ schedulerName: 'default-scheduler' }] }
/** Events hold no more (NoteLengthLimit). */
const longestNote = 1024

/**
 * Chooses a node for each pod that has none, and binds it there (pkg/scheduler). One pod at a time is decided, in one go;
 * bindings and other calls of the API run beside that.
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
  readonly #profiles = new Map<string, Profile>()
  readonly #handlers: EventHandlers
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

  constructor(options: SchedulerOptions) {
    const { client, informers, clock, random, log, configuration = defaultConfiguration } = options
    this.#client = client
    this.#clock = clock
    const metrics = options.metrics ?? new MetricsRegistry()
    this.#metrics = new SchedulerMetrics(metrics, clock)
    this.#log = log
    this.#ownEvents = options.events === undefined
    this.#calls = new ApiCalls(clock)
    this.#pods = informers.for(pods)
    const { lookups, sources } = informerLookups(informers, this.#cache)
    const nominator = {
      on: (node: string) => this.#queue.nominator.on(node),
      set: (pod: PodInfo, node: string | undefined) => this.#queue.nominator.set(pod, node),
    }
    const pluginsOf = (profile: SchedulerProfile, events: SeriesEventRecorder) => {
      const { schedulerName, plugins, scoringStrategy } = profile
      const executor = new PreemptionExecutor({
        metrics: this.#metrics,
        client,
        calls: this.#calls,
        clock,
        log,
        events,
        schedulerName,
        nominator,
        podNow: (key) => {
          const pod = this.#pods.get(key)
          return pod && { deleting: pod.metadata.deletionTimestamp !== undefined }
        },
        retry: (uid) => this.#queue.activate(uid),
      })
      const runner = () => this.#profiles.get(schedulerName)!.runner
      const all = defaultPlugins({ cache: this.#cache, lookups, client, clock, random, executor, runner })
      const scored =
        scoringStrategy === undefined
          ? all
          : all.map((plugin) =>
              plugin.name === nodeResourcesFit.name ? { ...plugin, score: scoreBy(scoringStrategy) } : plugin,
            )
      return choosePlugins(scored, plugins)
    }
    const profiles = configuration.profiles.map((profile) => {
      const { schedulerName } = profile
      const events =
        options.events ?? createSeriesEventRecorder({ client, reportingController: schedulerName, clock, random, log })
      return { schedulerName, events, plugins: pluginsOf(profile, events) }
    })
    const everyPlugin = new Map(profiles.flatMap(({ plugins }) => plugins).map((plugin) => [plugin.name, plugin]))
    const { backoff } = configuration
    this.#queue = new SchedulingQueue({
      clock,
      plugins: [...everyPlugin.values()],
      wake: () => this.#wake(),
      backoff,
      incoming: (queue, event) => this.#metrics.incoming(queue, event),
    })
    this.#metrics.follow({
      queue: () => this.#queue.counts,
      cache: () => this.#cache.counted,
      inFlight: () => this.#queue.inFlight,
      binding: () => this.#binding,
      rejected: () => rejectedPods(this.#queue.parked()),
    })
    const times = new SchedulingTimes(metrics, clock)
    for (const { schedulerName, events, plugins } of profiles) {
      const runner = new PluginRunner(plugins, this.#queue.nominator, times.of(schedulerName))
      this.#profiles.set(schedulerName, { runner, scheduling: new PodScheduling(this.#cache, runner, random), events })
    }
    this.#handlers = new EventHandlers(this.#cache, this.#queue, new Set(this.#profiles.keys()), this.#metrics)
    const nodeInformer = informers.for(nodes)
    const on = <T extends KubeObject>(informer: Informer<T>, handler: InformerHandler<KubeObject>) =>
      informer.subscribe(handler as InformerHandler<T>)
    this.#subscribe = () => [
      nodeInformer.subscribe(this.#handlers.nodes),
      this.#pods.subscribe(this.#handlers.pods),
      on(sources.persistentVolumes, this.#handlers.others('PersistentVolume')),
      on(sources.persistentVolumeClaims, this.#handlers.others('PersistentVolumeClaim')),
      on(sources.storageClasses, this.#handlers.others('StorageClass')),
      on(sources.csiNodes, this.#handlers.others('CSINode')),
      on(sources.volumeAttachments, this.#handlers.others('VolumeAttachment')),
      on(sources.resourceClaims, this.#handlers.others('ResourceClaim')),
      on(sources.deviceClasses, this.#handlers.others('DeviceClass')),
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
    if (!this.#running || this.#turnPlanned) return
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
    try {
      const node = scheduling.schedule(state, info)
      this.#metrics.found((this.#clock.monotonic() - began) / 1000)
      const assumed = this.#cache.assume(info, node)
      this.#queue.nominator.delete(info.uid)
      const rejection = runner.reserve(state, assumed, node)
      if (rejection) {
        this.#cache.forget(info.uid)
        throw new Error(messageOf(rejection))
      }
      void this.#bind(queued, state, assumed, node, began)
    } catch (error) {
      this.#fail(queued, state, error, began)
    }
  }

  async #bind(queued: QueuedPod, state: CycleState, assumed: PodInfo, node: string, began: number): Promise<void> {
    const { runner, events } = this.#profileOf(assumed)
    this.#binding += 1
    try {
      await runner.preBind(state, assumed, node)
      await this.#calls.run(() => runner.bind(state, assumed, node))
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
      this.#fail(queued, state, error, began)
    } finally {
      this.#binding -= 1
    }
    this.#wake()
  }

  #attempted(result: AttemptResult, { pod }: PodInfo, began: number): void {
    this.#metrics.attempted(result, schedulerNameOf(pod), (this.#clock.monotonic() - began) / 1000)
  }

  /** Puts the pod back, and says why: in an event and in its condition (schedule_one.go handleSchedulingFailure). */
  #fail(queued: QueuedPod, state: CycleState, error: unknown, began: number): void {
    const { key, uid } = queued.info
    const { runner, events } = this.#profileOf(queued.info)
    let reason = 'SchedulerError'
    let message = error instanceof Error ? error.message : String(error)
    let nominatedNode: string | undefined = ''
    let rejectors: ReadonlySet<string> = new Set()
    let pending: ReadonlySet<string> = new Set()
    if (error instanceof FitError) {
      const { diagnosis, nodeCount } = error
      reason = 'Unschedulable'
      const made = runner.postFilter(state, queued.info, diagnosis)
      diagnosis.postFilterMessage = made?.message ?? ''
      nominatedNode = made?.nominatedNode
      message = fitMessage(nodeCount, diagnosis)
      rejectors = diagnosis.rejectors
      pending = diagnosis.pending
    } else if (error instanceof NoNodesError) reason = 'Unschedulable'
    else this.#log.error('scheduling failed, to be tried again', { pod: key, error })

    this.#attempted(reason === 'Unschedulable' ? 'unschedulable' : 'error', queued.info, began)
    const pod = this.#pods.get(key)
    if (!pod || pod.metadata.uid !== uid || pod.spec?.nodeName || !this.#running) return this.#queue.done(uid)
    const info = new PodInfo(pod)
    this.#queue.takeBack(queued, info, rejectors, pending)
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
