import { groupResource, type ResourceRef } from '../../api/definition.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import { alreadyExists, conflict, expired, notFound, staleWrite } from '../../machinery/errors.ts'
import { deepFreeze, jsonEqual } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { DeleteOptions, ObjectKey, WatchOptions } from '../client.ts'
import { AsyncQueue } from '../async-queue.ts'
import type { WatchEvent } from '../transport.ts'
import { selectedBy } from './selectors.ts'

interface Change {
  readonly revision: number
  readonly resource: string
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
  readonly deleted: boolean
}
interface Watch {
  readonly resource: string
  readonly options: WatchOptions
  readonly queue: AsyncQueue<WatchEvent>
}

const resourceOf = (ref: ResourceRef) => (ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`)

/** The objects, revisions and watches behind a fake client: one global revision, as in the real store. */
export class FakeStore {
  readonly #clock: Clock
  readonly #random: Random
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #history: Change[] = []
  readonly #watches = new Set<Watch>()
  #revision = 1
  #forgotten = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }
  get revision(): number {
    return this.#revision
  }
  all(ref: ResourceRef): KubeObject[] {
    return [...(this.#objects.get(resourceOf(ref))?.values() ?? [])]
  }
  find(ref: ResourceRef, key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(resourceOf(ref))?.get(keyText(ref, key))
  }
  get(ref: ResourceRef, key: ObjectKey): KubeObject {
    const object = this.find(ref, key)
    if (object === undefined) throw notFound(groupResource(ref), key.name)
    return object
  }
  /** Stores a new object, with what the server fills in where it is missing. */
  create(ref: ResourceRef, object: KubeObject): KubeObject {
    const { metadata } = object
    const name = metadata.name || `${metadata.generateName ?? ''}${this.#random.suffix(5)}`
    const namespace = ref.namespaced ? metadata.namespace || 'default' : undefined
    if (this.find(ref, { namespace, name }) !== undefined) throw alreadyExists(groupResource(ref), name)
    return this.#put(ref, undefined, {
      ...object,
      apiVersion: apiVersionOf(ref),
      kind: ref.kind,
      metadata: {
        ...metadata,
        name,
        namespace,
        uid: metadata.uid ?? this.#random.uuid(),
        creationTimestamp: metadata.creationTimestamp ?? formatTime(this.#clock.now()),
        generation: metadata.generation ?? ('spec' in object ? 1 : undefined),
      },
    })
  }
  /** Replaces an object. `subresource` 'status' takes the status and the annotations; '' takes all but the status. */
  update(ref: ResourceRef, object: KubeObject, subresource: string): KubeObject {
    const old = this.get(ref, object.metadata as ObjectKey) as KubeObject & { spec?: unknown; status?: unknown }
    const { resourceVersion, uid } = object.metadata
    const name = old.metadata.name!
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw staleWrite(groupResource(ref), name)
    if (uid && uid !== old.metadata.uid)
      throw conflict(
        groupResource(ref),
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
      )
    const given = object as typeof old
    if (subresource === 'status' || subresource === 'approval')
      return this.#put(ref, old, {
        ...old,
        status: given.status,
        metadata: { ...old.metadata, annotations: given.metadata.annotations },
      } as KubeObject)
    const changed = !jsonEqual(given.spec, old.spec)
    const next = {
      ...given,
      ...('status' in old ? { status: old.status } : {}),
      metadata: {
        ...object.metadata,
        uid: old.metadata.uid,
        creationTimestamp: old.metadata.creationTimestamp,
        deletionTimestamp: old.metadata.deletionTimestamp,
        generation: changed ? (old.metadata.generation ?? 0) + 1 : old.metadata.generation,
      },
    }
    if (next.metadata.deletionTimestamp && !isHeld(next) && !this.#graceful(next, ref)) return this.#remove(ref, next)
    return this.#put(ref, old, next)
  }
  delete(ref: ResourceRef, key: ObjectKey, options: DeleteOptions): void {
    const old = this.get(ref, key)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if ((uid && uid !== old.metadata.uid) || (resourceVersion && resourceVersion !== old.metadata.resourceVersion))
      throw conflict(groupResource(ref), key.name, 'Precondition failed')
    let finalizers = old.metadata.finalizers ?? []
    const extra = { Foreground: 'foregroundDeletion', Orphan: 'orphan', Background: undefined }
    const added = options.propagationPolicy && extra[options.propagationPolicy]
    if (added && !finalizers.includes(added)) finalizers = [...finalizers, added]
    const grace = options.gracePeriodSeconds ?? (this.#graceful(old, ref) ? 30 : 0)
    if (!isHeld({ ...old, metadata: { ...old.metadata, finalizers } }) && (grace === 0 || !this.#graceful(old, ref))) {
      this.#remove(ref, old)
      return
    }
    // A second deletion may shorten the grace period, never lengthen it.
    const before = old.metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY
    const same = jsonEqual(finalizers, old.metadata.finalizers ?? []) && grace >= before
    if (old.metadata.deletionTimestamp && same) return
    const metadata = {
      ...old.metadata,
      finalizers: finalizers.length > 0 ? finalizers : undefined,
      deletionTimestamp: grace < before ? formatTime(this.#clock.now() + grace * 1000) : old.metadata.deletionTimestamp,
      deletionGracePeriodSeconds: Math.min(grace, before),
    }
    this.#put(ref, old, { ...old, metadata })
  }
  watch(ref: ResourceRef, options: WatchOptions): AsyncIterable<WatchEvent> {
    const resource = resourceOf(ref)
    const queue = new AsyncQueue<WatchEvent>(() => {
      this.#watches.delete(watch)
      options.signal?.removeEventListener('abort', stop)
    })
    const stop = () => queue.end()
    const watch: Watch = { resource, options, queue }
    const from = Number(options.resourceVersion || 0)
    if (options.sendInitialEvents || from === 0) {
      for (const object of this.all(ref)) if (selectedBy(object, options)) queue.push({ type: 'ADDED', object })
      if (options.sendInitialEvents) queue.push({ type: 'BOOKMARK', object: this.#bookmark(ref, true) })
    } else if (from < this.#forgotten) {
      queue.push({ type: 'ERROR', object: expired(`too old resource version: ${from} (${this.#forgotten})`).status })
      queue.end()
      return queue
    } else {
      for (const change of this.#history) if (change.revision > from) deliver(watch, change)
    }
    this.#watches.add(watch)
    if (options.signal?.aborted) stop()
    else options.signal?.addEventListener('abort', stop, { once: true })
    return queue
  }
  /** Sends a bookmark to every watch that allows it. */
  bookmark(ref: ResourceRef): void {
    for (const watch of this.#watches)
      if (watch.resource === resourceOf(ref) && watch.options.allowWatchBookmarks)
        watch.queue.push({ type: 'BOOKMARK', object: this.#bookmark(ref, false) })
  }
  /** Ends all watches; with `forget`, watches from an older revision then get 410. */
  breakWatches(forget: boolean): void {
    if (forget) this.#forgotten = ++this.#revision
    for (const watch of [...this.#watches]) watch.queue.end()
  }

  #bookmark(ref: ResourceRef, initial: boolean): KubeObject {
    const annotations = initial ? { 'k8s.io/initial-events-end': 'true' } : undefined
    const metadata = { resourceVersion: String(this.#revision), annotations }
    return { kind: ref.kind, apiVersion: apiVersionOf(ref), metadata }
  }
  // A pod on a node waits for its kubelet; here, for a deletion with grace 0.
  #graceful(object: KubeObject, ref: ResourceRef): boolean {
    return ref.kind === 'Pod' && Boolean((object as { spec?: { nodeName?: string } }).spec?.nodeName)
  }
  #put(ref: ResourceRef, previous: KubeObject | undefined, object: KubeObject): KubeObject {
    const next = JSON.parse(JSON.stringify(object)) as KubeObject & { metadata: { resourceVersion?: string } }
    if (previous !== undefined) next.metadata.resourceVersion = previous.metadata.resourceVersion
    if (previous !== undefined && jsonEqual(previous, next)) return previous
    next.metadata.resourceVersion = String(++this.#revision)
    deepFreeze(next)
    const resource = resourceOf(ref)
    let objects = this.#objects.get(resource)
    if (objects === undefined) this.#objects.set(resource, (objects = new Map()))
    objects.set(keyText(ref, next.metadata as ObjectKey), next)
    this.#tell({ revision: this.#revision, resource, object: next, previous, deleted: false })
    return next
  }
  #remove(ref: ResourceRef, last: KubeObject): KubeObject {
    const resource = resourceOf(ref)
    this.#objects.get(resource)?.delete(keyText(ref, last.metadata as ObjectKey))
    const resourceVersion = String(++this.#revision)
    const object = deepFreeze({ ...last, metadata: { ...last.metadata, resourceVersion } })
    this.#tell({ revision: this.#revision, resource, object, previous: last, deleted: true })
    return object
  }
  #tell(change: Change): void {
    this.#history.push(change)
    for (const watch of [...this.#watches]) deliver(watch, change)
  }
}

/** By its finalizers; a namespace by those of its spec, too. */
function isHeld(object: KubeObject): boolean {
  const { spec } = object as { spec?: { finalizers?: readonly string[] } }
  return Boolean(object.metadata.finalizers?.length || (object.kind === 'Namespace' && spec?.finalizers?.length))
}

function deliver(watch: Watch, { resource, object, previous, deleted }: Change): void {
  if (watch.resource !== resource) return
  const was = previous !== undefined && selectedBy(previous, watch.options)
  const is = !deleted && selectedBy(object, watch.options)
  if (is) watch.queue.push({ type: was ? 'MODIFIED' : 'ADDED', object })
  else if (was) watch.queue.push({ type: 'DELETED', object })
}

function keyText(ref: ResourceRef, key: ObjectKey): string {
  return ref.namespaced ? `${key.namespace || 'default'}/${key.name}` : key.name
}
