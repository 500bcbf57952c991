import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { discover, type ServedResource } from '../../client/discovery.ts'
import type { Informer } from '../../client/informer.ts'
import { type KubeObject, parseApiVersion } from '../../machinery/meta/object.ts'
import type { Counter } from '../../machinery/metrics.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import type { DependencyGraph } from './graph.ts'
import { controllerMetrics } from '../runtime/controller-metrics.ts'
import type { ServedKinds } from '../runtime/served-kinds.ts'

/** Nobody owns events, and there are many. */
const ignored: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io'])
/** Should a change of what is served have gone unnoticed. */
const rediscoverMs = 300_000
const retryMs = 5_000
/** Several CRDs often come together. */
const settleMs = 100

/** pkg/controller/garbagecollector/metrics */
const failures = controllerMetrics((registry) =>
  registry
    .counter('garbagecollector_controller_resources_sync_error_total', 'Times that what is served was not known.')
    .labels(),
)

/** Watches every resource that can be deleted, as the server comes to serve it, and feeds the graph. */
export class Monitors {
  readonly #context: ControllerContext
  readonly #failures: Counter
  readonly #graph: DependencyGraph
  readonly #kinds: ServedKinds
  readonly #monitored = new Map<string, { informer: Informer<KubeObject>; ref: ResourceRef; stop: () => void }>()
  #cancelTimer = () => {}
  #timerDue = Infinity
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  readonly #unsubscribe: (() => void)[] = []

  constructor(context: ControllerContext, graph: DependencyGraph, kinds: ServedKinds) {
    this.#context = context
    this.#failures = failures(context)
    this.#graph = graph
    this.#kinds = kinds
  }

  /** Resolves when what is served now is in the graph. */
  async start(signal: AbortSignal): Promise<void> {
    const { informers } = this.#context
    await this.#discover()
    await Promise.all([...this.#monitored.values()].map(({ informer }) => informer.whenSynced(signal)))
    const changed = () => this.#schedule(settleMs)
    for (const ref of [customResourceDefinitions, apiServices] as readonly ResourceRef[])
      this.#unsubscribe.push(informers.for(ref).subscribe({ added: changed, updated: changed, deleted: changed }))
  }
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer()
    for (const cancel of this.#unsubscribe) cancel()
    await this.#running
    for (const { stop } of this.#monitored.values()) stop()
  }
  /** Something named a kind that is not known: perhaps it is served by now. */
  refresh(): void {
    this.#schedule(settleMs)
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return
    const due = this.#context.clock.monotonic() + delayMs
    if (this.#timerDue <= due) return
    this.#cancelTimer()
    this.#timerDue = due
    this.#cancelTimer = this.#context.clock.after(delayMs, () => {
      this.#timerDue = Infinity
      this.#run()
    })
  }
  #run(): void {
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#running = this.#discover().finally(() => {
      this.#running = undefined
      if (!this.#again) return
      this.#again = false
      this.#run()
    })
  }
  async #discover(): Promise<void> {
    const { client, log } = this.#context
    try {
      const { resources, failed } = await discover(client.transport)
      if (this.#stopped) return
      this.#kinds.set(resources)
      this.#monitor(resources.filter(isDeletable), failed)
      if (failed.length > 0) this.#failures.inc()
      this.#schedule(failed.length > 0 ? retryMs : rediscoverMs)
    } catch (error) {
      this.#failures.inc()
      log.warn('cannot discover what the server serves', { error: String(error) })
      this.#schedule(retryMs)
    }
  }
  #monitor(resources: readonly ServedResource[], failed: readonly string[]): void {
    const wanted = new Map(resources.map((ref) => [`${ref.group}/${ref.version}/${ref.resource}`, ref]))
    for (const [name, ref] of wanted) {
      if (this.#monitored.has(name)) continue
      const informer = this.#context.informers.for(ref)
      const stop = informer.subscribe({
        added: (object) => this.#graph.put(object, undefined),
        updated: (object, old) => {
          // Deleted and made anew between two looks at it.
          if (old.metadata.uid !== object.metadata.uid) this.#graph.remove(old)
          this.#graph.put(object, old.metadata.uid === object.metadata.uid ? old : undefined)
        },
        deleted: (object) => this.#graph.remove(object),
      })
      this.#monitored.set(name, { informer, ref, stop })
    }
    const unknown = new Set(failed.map((groupVersion) => groupVersion.replace(/^\//, '')))
    for (const [name, { informer, ref, stop }] of this.#monitored) {
      if (wanted.has(name) || unknown.has(groupVersionOf(ref))) continue
      stop()
      this.#monitored.delete(name)
      for (const object of informer.list()) this.#graph.remove(object)
      // Custom kinds have no other reader here; those that have belong to groups that do not go away.
      if (ref.group.includes('.') && !ref.group.endsWith('.k8s.io')) void this.#context.informers.release(ref)
    }
  }
}

function groupVersionOf(ref: ResourceRef): string {
  const { group, version } = parseApiVersion(ref.group === '' ? ref.version : `${ref.group}/${ref.version}`)
  return group === '' ? version : `${group}/${version}`
}

function isDeletable({ group, resource, verbs }: ServedResource): boolean {
  if (ignored.has(group === '' ? resource : `${resource}.${group}`)) return false
  return (['delete', 'list', 'watch'] as const).every((verb) => verbs.includes(verb))
}
