import type { ResourceDefinition } from '../../api/definition.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Store } from '../../store/store.ts'
import { PendingObject } from '../cache/pending-object.ts'
import type { ResourceCache } from '../cache/resource-cache.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import { readHistory } from '../cache/read-history.ts'
import { encodeObject, StoredObject } from '../cache/stored-object.ts'
import { plainJson } from './foreign-value.ts'
import { StorageError } from './storage-error.ts'
import type { ResourceStorageMetrics } from './storage-metrics.ts'
import { awaitedForm, readyForms, formOf } from './stored-form.ts'

export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** What an update makes of the present state. */
export interface UpdateResult {
  readonly object: KubeObject
  readonly ttlSeconds?: number
  /** Called once it is known whether this state was stored (false for dry runs too). */
  readonly finish?: (stored: boolean) => Promise<void> | void
}

/**
 * Objects of one resource in the store: keys, encoding, optimistic writes. Reads come from the cache, once it is as new as
 * the store was when the read was asked for.
 */
export class ObjectStorage {
  /** `/registry/pods/` */
  readonly prefix: string
  readonly #store: Store
  readonly #feed: StoreFeed
  readonly #resource: string
  readonly #isStale: ((key: string) => Promise<boolean>) | undefined
  readonly #kind: ResourceDefinition
  /** The kind, when its objects lie there in another form. */
  readonly #formed: ResourceDefinition | undefined
  readonly metrics: ResourceStorageMetrics

  /** `resource`: the prefix below the root, `pods`. `definition`: in whose version objects go in and out. */
  constructor(options: {
    store: Store
    feed: StoreFeed
    root: string
    resource: string
    isStale?: (key: string) => Promise<boolean>
    definition: ResourceDefinition
    metrics: ResourceStorageMetrics
  }) {
    this.metrics = options.metrics
    this.#store = options.store
    this.#feed = options.feed
    this.#resource = options.resource
    this.prefix = `${options.root}${options.resource}/`
    this.#isStale = options.isStale
    this.#kind = options.definition
    this.#formed = options.definition.rules.storedForm && options.definition
  }

  cache(): ResourceCache | Promise<ResourceCache> {
    return this.#feed.filled(this.#resource) ?? this.#feed.cache(this.#resource, (_, value) => this.#plain(value))
  }

  /** The cache, as new as the store is now. */
  async freshCache(): Promise<ResourceCache> {
    const cache = await this.cache()
    const began = this.metrics.now()
    await this.#feed.caughtUp()
    this.metrics.waitedSince(began)
    return cache
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const stored = await this.#stored(key)
    return this.#shown(stored)
  }

  async #stored(key: string): Promise<StoredObject | undefined> {
    return (await this.freshCache()).get(key)
  }

  #shown<T extends StoredObject | undefined>(stored: T): T | Promise<T> {
    if (this.#formed === undefined || stored === undefined) return stored
    return awaitedForm(this.#formed, stored) as Promise<T>
  }

  #written(object: KubeObject): KubeObject | Promise<KubeObject> {
    return this.#formed?.rules.storedForm?.write(object) ?? object
  }

  /** Past state, straight from the store. Throws Compacted, FutureRevision. */
  async listAt(options: {
    within: string
    at: number
    after?: string
    limit?: number
  }): Promise<{ objects: StoredObject[]; revision: number; remaining: number }> {
    const { within, at, after, limit } = options
    const from = after === undefined ? undefined : this.prefix + after
    const result = await this.metrics.asked('list', () =>
      this.#store.list(this.prefix + within, { at, limit, after: from }),
    )
    const objects = result.entries.map((entry) =>
      StoredObject.decode(
        entry.key.slice(this.prefix.length),
        this.#plain(entry.value),
        entry.modRevision,
        entry.createRevision,
      ),
    )
    const { revision, remaining } = result
    const definition = this.#formed
    if (definition === undefined) return { objects, revision, remaining }
    await readyForms(definition, objects)
    return { objects: objects.map((stored) => formOf(definition, stored)!), revision, remaining }
  }

  /**
   * Makes watches possible from `revision` on, though the cache was filled later: reads the store's history up to there. What
   * compaction has taken stays away.
   */
  async extendHistory(revision: number): Promise<void> {
    const cache = await this.cache()
    const until = cache.oldestRevision
    if (revision >= until) return
    const history = await readHistory(this.#store, this.prefix, revision, until)
    if (history !== undefined) cache.takeHistory(history, revision)
  }

  /** Throws StorageError KeyExists. */
  async create(
    key: string,
    object: KubeObject,
    options: { dryRun: boolean; ttlSeconds?: number; statedRevision?: number },
  ): Promise<StoredObject> {
    const writing = this.#written(object)
    const written = writing instanceof Promise ? await writing : writing
    const value = encodeObject(written)
    if (options.dryRun) {
      if ((await this.#stored(key)) !== undefined) throw new StorageError('KeyExists', this.prefix + key)
      // What came with the object stays, for nobody looked at it.
      return this.#shown(StoredObject.written(key, value, written, options.statedRevision ?? 0, 0))
    }
    const pending = new PendingObject(key, value, written)
    const result = await this.#put(pending, 0, { ttlSeconds: options.ttlSeconds })
    if (!result.succeeded) throw new StorageError('KeyExists', this.prefix + key)
    return this.#shown(pending.at(result.revision, result.revision))
  }

  /**
   * Applies `update` to the present state until nobody was faster. The state is undefined when the key does not exist. What
   * `update` throws ends the loop. An update that changes nothing writes nothing.
   */
  async guaranteedUpdate(
    key: string,
    options: { dryRun: boolean; preconditions?: Preconditions },
    update: (current: StoredObject | undefined) => Promise<UpdateResult> | UpdateResult,
  ): Promise<StoredObject> {
    let current = await this.#stored(key)
    for (;;) {
      // A dry run knows its keys without their root.
      const within = options.dryRun ? `/${this.#resource}/` : this.prefix
      if (current !== undefined) this.#check(current, options.preconditions, within)
      const showing = this.#shown(current)
      const { object, ttlSeconds, finish } = await update(showing instanceof Promise ? await showing : showing)
      let stored = false
      try {
        const writing = this.#written(object)
        const written = writing instanceof Promise ? await writing : writing
        const value = encodeObject(written)
        stored = !options.dryRun
        if (current !== undefined && sameBytes(value, current) && (options.dryRun || !(await this.#staleAt(key))))
          return this.#shown(current)
        if (options.dryRun) return this.#shown(StoredObject.written(key, value, written, current?.revision ?? 0, 0))
        const pending = new PendingObject(key, value, written)
        stored = false
        const fleeting = current !== undefined && this.#kind.rules.isHeartbeat?.(object, current.object) === true
        const result = await this.#put(pending, current?.revision ?? 0, { ttlSeconds, fleeting })
        if (result.succeeded) {
          stored = true
          return this.#shown(pending.at(result.revision, current?.createRevision ?? result.revision))
        }
        current = this.#decode(key, result.entries[0])
      } finally {
        const finishing = finish?.(stored)
        if (finishing !== undefined) await finishing
      }
    }
  }

  /**
   * Deletes after `validate` agreed to the state that is deleted; answers with that state under the revision of the
   * deletion. Throws StorageError KeyNotFound, InvalidObject (preconditions).
   */
  async delete(
    key: string,
    options: { dryRun: boolean; preconditions?: Preconditions },
    validate: (current: StoredObject) => Promise<void> | void,
  ): Promise<StoredObject> {
    let current = await this.#stored(key)
    for (;;) {
      if (current === undefined) throw new StorageError('KeyNotFound', this.prefix + key)
      this.#check(current, options.preconditions)
      const shown = await this.#shown(current)
      await validate(shown)
      if (options.dryRun) return shown
      const storeKey = this.prefix + key
      const { revision } = current
      const result = await this.metrics.asked('delete', () =>
        this.#store.transact({
          compares: [{ key: storeKey, modRevision: revision }],
          operations: [{ type: 'delete', key: storeKey }],
        }),
      )
      if (result.succeeded) return shown.atRevision(result.revision)
      current = this.#decode(key, result.entries[0])
    }
  }

  /** What did not change is written all the same when it would lie otherwise in the store: so keys are changed. */
  async #staleAt(key: string): Promise<boolean> {
    return this.#isStale !== undefined && this.#isStale(this.prefix + key)
  }

  #put(
    pending: PendingObject,
    modRevision: number,
    { ttlSeconds, fleeting = false }: { ttlSeconds: number | undefined; fleeting?: boolean },
  ) {
    const key = this.prefix + pending.key
    return this.metrics.asked(modRevision === 0 ? 'create' : 'update', () =>
      this.#store.transact({
        compares: [{ key, modRevision }],
        operations: [{ type: 'put', key, value: pending.value, attachment: pending, ttlSeconds }],
        fleeting,
      }),
    )
  }

  #decode(
    key: string,
    entry: { value: Uint8Array; modRevision: number; createRevision: number; attachment?: unknown } | undefined,
  ): StoredObject | undefined {
    if (entry === undefined) return undefined
    if (entry.attachment instanceof PendingObject) return entry.attachment.at(entry.modRevision, entry.createRevision)
    const value = this.#plain(entry.value)
    return StoredObject.decode(key, value, entry.modRevision, entry.createRevision)
  }

  /** The JSON of a stored value. */
  #plain(value: Uint8Array): Uint8Array {
    return plainJson(value, this.#kind)
  }

  /** apiserver pkg/storage/interfaces.go, Preconditions.Check. */
  #check(current: StoredObject, preconditions: Preconditions | undefined, prefix = this.prefix): void {
    if (preconditions === undefined) return
    const { uid, resourceVersion } = current.object.metadata
    if (preconditions.uid !== undefined && preconditions.uid !== uid) {
      const detail = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid ?? ''}`
      throw new StorageError('InvalidObject', prefix + current.key, detail)
    }
    if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
      const detail = `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`
      throw new StorageError('InvalidObject', prefix + current.key, detail)
    }
  }
}

function sameBytes(value: Uint8Array, current: StoredObject): boolean {
  return Buffer.compare(value, current.spliced().value) === 0
}
