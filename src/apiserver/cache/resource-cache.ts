import SortedBTree from 'sorted-btree'
import type { StoreEvent } from '../../store/store.ts'
import { EventRing } from './event-ring.ts'
import { PendingObject } from './pending-object.ts'
import { StoredObject } from './stored-object.ts'
import type { CacheEvent } from './watch-event.ts'

// The package is CommonJS: its class is the `default` member of what Node imports.
const BTree = SortedBTree.default
type Tree = InstanceType<typeof BTree<string, StoredObject>>
const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Which objects a watcher hears of: all, those of a namespace, or one. */
export interface WatchScope {
  readonly namespace?: string
  /** A single object's key. */
  readonly key?: string
  /** Objects that have, or had, this value of an indexed field: a node's pods. */
  readonly field?: { readonly index: FieldIndexName; readonly value: string }
}

/** How an index sees an object: `spec.nodeName` of pods. */
export interface FieldIndexName {
  readonly name: string
  readonly valueOf: (object: StoredObject) => string
}

/** Hears the events of its scope in revision order, synchronously; must be quick and must not throw. */
export interface CacheListener {
  onEvent(event: CacheEvent): void
  /** The cache stops for good. */
  onEnd(): void
}

/** What a cache went through, for those who measure it. */
export interface CacheStatistics {
  /** Bytes of the objects that it holds. */
  readonly objectBytes: number
  /** Events that the store told. */
  readonly received: number
  /** Events that were handed to listeners, however many. */
  readonly dispatched: number
  /** Objects that it began with. */
  readonly initial: number
}

/**
 * All objects of one resource in key order, the ring of their recent events, and those who listen. Fed by one
 * {@link StoreFeed} in revision order; a listener that subscribes sees every event from that moment on.
 */
export class ResourceCache {
  readonly prefix: string
  readonly #tree: Tree = new BTree<string, StoredObject>(undefined, byCodeUnit)
  #ring: EventRing
  readonly #all = new Set<CacheListener>()
  readonly #byNamespace = new Map<string, Set<CacheListener>>()
  readonly #byKey = new Map<string, Set<CacheListener>>()
  readonly #byFieldValue = new Map<FieldIndexName, Map<string, Set<CacheListener>>>()
  readonly #indexes = new Map<FieldIndexName, FieldIndex>()
  readonly #now: () => number
  readonly #decode: (key: string, value: Uint8Array) => Uint8Array
  #objectBytes = 0
  #received = 0
  #dispatched = 0
  #initial = 0

  /**
   * `prefix`: with a slash at either end, e.g. `/registry/pods/`. `decode` turns a stored value into plain JSON bytes
   * (encryption at rest, foreign encodings).
   */
  constructor(options: {
    prefix: string
    now: () => number
    decode?: (key: string, value: Uint8Array) => Uint8Array
  }) {
    this.prefix = options.prefix
    this.#now = options.now
    this.#decode = options.decode ?? ((_, value) => value)
    this.#ring = new EventRing(0)
  }

  get size(): number {
    return this.#tree.size
  }
  get statistics(): CacheStatistics {
    const [objectBytes, received, dispatched] = [this.#objectBytes, this.#received, this.#dispatched]
    return { objectBytes, received, dispatched, initial: this.#initial }
  }
  /** Events from which watches can be taken up again. */
  get keptEvents(): number {
    return this.#ring.size
  }
  get listeners(): number {
    let count = this.#all.size
    for (const set of this.#byNamespace.values()) count += set.size
    for (const set of this.#byKey.values()) count += set.size
    for (const values of this.#byFieldValue.values()) for (const set of values.values()) count += set.size
    return count
  }
  /** Watches can begin after any revision from this one on. */
  get oldestRevision(): number {
    return this.#ring.since
  }

  get(key: string): StoredObject | undefined {
    return this.#tree.get(key)
  }

  /** Objects in key order: all, or those whose key begins with `within` (`namespace/`), strictly after `after`. */
  *range(within = '', after?: string): IterableIterator<StoredObject> {
    const from = after !== undefined && after > within ? after : within
    for (const [key, object] of this.#tree.entries(from || undefined)) {
      if (within !== '' && !key.startsWith(within)) return
      if (key === after) continue
      yield object
    }
  }

  /** A snapshot that later changes do not touch, for answers that take longer than one turn of the loop. */
  list(within = ''): StoredObject[] {
    if (within === '') return this.#tree.valuesArray()
    const objects: StoredObject[] = []
    const end = within.slice(0, -1) + String.fromCharCode(within.charCodeAt(within.length - 1) + 1)
    this.#tree.forRange(within, end, false, (_, object) => {
      objects.push(object)
    })
    return objects
  }

  /** Objects in key order that have this value of an indexed field; the index is kept from the first question on. */
  byField({ index: named, value }: NonNullable<WatchScope['field']>): StoredObject[] {
    let index = this.#indexes.get(named)
    if (index === undefined) {
      index = { valueOf: named.valueOf, byValue: new Map() }
      this.#indexes.set(named, index)
      for (const object of this.#tree.values()) indexIn(index, object)
    }
    const found = index.byValue.get(value)
    return found === undefined ? [] : [...found.values()].sort((a, b) => byCodeUnit(a.key, b.key))
  }

  /** Events of `scope` after `revision`, oldest first; undefined when the ring has forgotten some of them. */
  eventsAfter(revision: number, scope: WatchScope): CacheEvent[] | undefined {
    return this.#ring.after(revision)?.filter((event) => inScope(event.object.key, scope))
  }

  /**
   * Takes events from before the cache was filled, as the store's history has them: all of its keys after `since`, up to
   * {@link oldestRevision} at least.
   */
  takeHistory(history: readonly StoreEvent[], since: number): void {
    const states = new Map<string, StoredObject>()
    const events: CacheEvent[] = []
    for (const event of history) {
      const made = this.#historic(event, states)
      if (made !== undefined) events.push(made)
    }
    this.#ring.prepend(events, since, this.#now())
  }

  #historic(event: StoreEvent, states: Map<string, StoredObject>): CacheEvent | undefined {
    if (event.type === 'put') {
      const object = this.#stored(event.entry)
      const previous = states.get(object.key) ?? this.#previous(event)
      states.set(object.key, object)
      const { modRevision, createRevision } = event.entry
      if (modRevision === createRevision) return { type: 'ADDED', revision: modRevision, object, previous: undefined }
      return { type: 'MODIFIED', revision: modRevision, object, previous }
    }
    const key = event.key.slice(this.prefix.length)
    const last = states.get(key) ?? this.#previous(event)
    states.delete(key)
    if (last === undefined) return undefined
    return { type: 'DELETED', revision: event.revision, object: last.atRevision(event.revision), previous: last }
  }

  subscribe(scope: WatchScope, listener: CacheListener): () => void {
    if (scope.key !== undefined) return subscribeIn(this.#byKey, scope.key, listener)
    if (scope.namespace) return subscribeIn(this.#byNamespace, scope.namespace, listener)
    if (scope.field !== undefined) {
      const { index, value } = scope.field
      let values = this.#byFieldValue.get(index)
      if (values === undefined) this.#byFieldValue.set(index, (values = new Map()))
      return subscribeIn(values, value, listener)
    }
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  /** Takes the initial state, of `revision`. */
  load(
    objects: Iterable<{
      key: string
      value: Uint8Array
      modRevision: number
      createRevision: number
      attachment?: unknown
    }>,
    revision: number,
  ): void {
    for (const entry of objects) {
      const object = this.#stored(entry)
      this.#tree.set(object.key, object)
      this.#objectBytes += object.byteLength
      this.#initial += 1
    }
    this.#ring = new EventRing(revision)
  }

  apply(event: StoreEvent): void {
    this.#received += 1
    const made = event.type === 'put' ? this.#put(event) : this.#delete(event)
    if (made === undefined) return
    this.#ring.push(made, this.#now())
    for (const index of this.#indexes.values()) {
      if (made.type !== 'ADDED') unindex(index, made.previous ?? made.object)
      if (made.type !== 'DELETED') indexIn(index, made.object)
    }
    this.#tell(made)
  }

  /** Ends every listener; the cache is not to be used any more. */
  end(): void {
    const byFieldValue = [...this.#byFieldValue.values()].flatMap((values) => [...values.values()])
    const sets = [this.#all, ...this.#byNamespace.values(), ...this.#byKey.values(), ...byFieldValue]
    const everyone = sets.flatMap((set) => [...set])
    for (const listener of everyone) listener.onEnd()
  }

  #put(event: StoreEvent & { type: 'put' }): CacheEvent {
    const object = this.#stored(event.entry)
    const previous = this.#tree.get(object.key)
    this.#tree.set(object.key, object)
    this.#objectBytes += object.byteLength - (previous?.byteLength ?? 0)
    const { modRevision, createRevision } = event.entry
    if (modRevision === createRevision) return { type: 'ADDED', revision: modRevision, object, previous: undefined }
    return { type: 'MODIFIED', revision: modRevision, object, previous: previous ?? this.#previous(event) }
  }

  #delete(event: StoreEvent & { type: 'delete' }): CacheEvent | undefined {
    const key = event.key.slice(this.prefix.length)
    const last = this.#tree.get(key) ?? this.#previous(event)
    if (last === undefined) return undefined
    if (this.#tree.delete(key)) this.#objectBytes -= last.byteLength
    return { type: 'DELETED', revision: event.revision, object: last.atRevision(event.revision), previous: last }
  }

  #previous(event: StoreEvent): StoredObject | undefined {
    return event.previous === undefined ? undefined : this.#stored(event.previous)
  }

  #stored(entry: {
    key: string
    value: Uint8Array
    modRevision: number
    createRevision: number
    attachment?: unknown
  }): StoredObject {
    const { key, value, modRevision, createRevision, attachment } = entry
    if (attachment instanceof PendingObject) return attachment.at(modRevision, createRevision)
    return StoredObject.decode(key.slice(this.prefix.length), this.#decode(key, value), modRevision, createRevision)
  }

  #tell(event: CacheEvent): void {
    this.#dispatched += 1
    for (const listener of this.#all) listener.onEvent(event)
    const { key } = event.object
    const one = this.#byKey.get(key)
    if (one !== undefined) for (const listener of one) listener.onEvent(event)
    for (const [index, values] of this.#byFieldValue) {
      if (values.size === 0) continue
      const value = index.valueOf(event.object)
      const before = event.previous === undefined ? value : index.valueOf(event.previous)
      tellSet(values.get(value), event)
      if (before !== value) tellSet(values.get(before), event)
    }
    if (this.#byNamespace.size === 0) return
    const slash = key.indexOf('/')
    const some = slash < 0 ? undefined : this.#byNamespace.get(key.slice(0, slash))
    if (some !== undefined) for (const listener of some) listener.onEvent(event)
  }
}

function inScope(key: string, scope: WatchScope): boolean {
  if (scope.key !== undefined) return key === scope.key
  return !scope.namespace || (key.startsWith(scope.namespace) && key[scope.namespace.length] === '/')
}

interface FieldIndex {
  readonly valueOf: (object: StoredObject) => string
  readonly byValue: Map<string, Map<string, StoredObject>>
}

function indexIn(index: FieldIndex, object: StoredObject): void {
  const value = index.valueOf(object)
  const found = index.byValue.get(value)
  if (found === undefined) index.byValue.set(value, new Map([[object.key, object]]))
  else found.set(object.key, object)
}

function unindex(index: FieldIndex, object: StoredObject): void {
  const value = index.valueOf(object)
  const found = index.byValue.get(value)
  found?.delete(object.key)
  if (found?.size === 0) index.byValue.delete(value)
}

function subscribeIn(map: Map<string, Set<CacheListener>>, key: string, listener: CacheListener): () => void {
  let set = map.get(key)
  if (set === undefined) map.set(key, (set = new Set()))
  const joined = set
  joined.add(listener)
  return () => {
    joined.delete(listener)
    if (joined.size === 0 && map.get(key) === joined) map.delete(key)
  }
}

function tellSet(listeners: ReadonlySet<CacheListener> | undefined, event: CacheEvent): void {
  if (listeners !== undefined) for (const listener of listeners) listener.onEvent(event)
}
