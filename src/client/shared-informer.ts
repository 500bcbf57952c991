import type { ResourceRef } from '../api/definition.ts'
import type { Logger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { type Informer, type InformerHandler, keyOf } from './informer.ts'
import type { ReflectorSink } from './reflector.ts'

interface Index<T> {
  readonly values: (object: T) => readonly string[]
  readonly buckets: Map<string, Bucket<T>>
}
interface Bucket<T> {
  readonly objects: Map<string, T>
  /** The objects as an array, until something changes. */
  list: readonly T[] | undefined
}

/** The informer's cache, indexes and handlers; a reflector fills it. */
export class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly ref: ResourceRef<T>
  readonly #log: Logger
  readonly #objects = new Map<string, T>()
  #list: readonly T[] | undefined
  readonly #indexes = new Map<string, Index<T>>()
  readonly #handlers = new Set<InformerHandler<T>>()
  #synced = false
  #revision = ''
  readonly #syncedPromise: Promise<void>
  #resolveSynced: () => void = () => {}

  constructor(ref: ResourceRef<T>, log: Logger) {
    this.ref = ref
    this.#log = log
    this.#syncedPromise = new Promise((resolve) => {
      this.#resolveSynced = resolve
    })
    this.addIndex('namespace', (object) => [object.metadata.namespace ?? ''])
    this.addIndex('ownerUid', (object) => object.metadata.ownerReferences?.map((owner) => owner.uid) ?? [])
  }

  get synced(): boolean {
    return this.#synced
  }
  get revision(): string {
    return this.#revision
  }
  whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#synced || signal === undefined) return this.#syncedPromise
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason as Error)
      signal.addEventListener('abort', onAbort, { once: true })
      void this.#syncedPromise.then(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }
  get(key: string): T | undefined {
    return this.#objects.get(key)
  }
  list(): readonly T[] {
    this.#list ??= Object.freeze([...this.#objects.values()])
    return this.#list
  }
  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index)
    if (found === undefined) throw new Error(`informer of ${this.ref.resource} has no index ${index}`)
    const bucket = found.buckets.get(value)
    if (bucket === undefined) return []
    bucket.list ??= Object.freeze([...bucket.objects.values()])
    return bucket.list
  }
  addIndex(name: string, values: (object: T) => readonly string[]): void {
    // Several components may ask for the same index; the first definition serves all.
    if (this.#indexes.has(name)) return
    const index: Index<T> = { values, buckets: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) this.#enter(index, key, object)
  }
  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler)
    for (const object of this.#objects.values()) this.#call(handler, 'added', object)
    return () => this.#handlers.delete(handler)
  }

  progress(revision: string): void {
    this.#revision = revision
  }
  replace(objects: readonly T[]): void {
    const gone = new Set(this.#objects.keys())
    for (const object of objects) {
      gone.delete(keyOf(object))
      this.put(object)
    }
    for (const key of gone) this.remove(this.#objects.get(key)!)
    if (!this.#synced) {
      this.#synced = true
      this.#resolveSynced()
    }
  }
  put(object: T): void {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    if (old !== undefined && old.metadata.resourceVersion === object.metadata.resourceVersion) return
    this.#objects.set(key, object)
    this.#list = undefined
    for (const index of this.#indexes.values()) {
      if (old !== undefined) this.#leave(index, key, index.values(old), index.values(object))
      this.#enter(index, key, object)
    }
    if (old === undefined) for (const handler of this.#handlers) this.#call(handler, 'added', object)
    else for (const handler of this.#handlers) this.#call(handler, 'updated', object, old)
  }
  remove(object: T): void {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    if (old === undefined) return
    this.#objects.delete(key)
    this.#list = undefined
    for (const index of this.#indexes.values()) this.#leave(index, key, index.values(old), [])
    for (const handler of this.#handlers) this.#call(handler, 'deleted', object)
  }

  #enter(index: Index<T>, key: string, object: T): void {
    for (const value of index.values(object)) {
      let bucket = index.buckets.get(value)
      if (bucket === undefined) index.buckets.set(value, (bucket = { objects: new Map(), list: undefined }))
      bucket.objects.set(key, object)
      bucket.list = undefined
    }
  }
  #leave(index: Index<T>, key: string, values: readonly string[], kept: readonly string[]): void {
    for (const value of values) {
      if (kept.includes(value)) continue
      const bucket = index.buckets.get(value)
      if (bucket === undefined) continue
      bucket.objects.delete(key)
      bucket.list = undefined
      if (bucket.objects.size === 0) index.buckets.delete(value)
    }
  }
  #call(handler: InformerHandler<T>, on: 'added' | 'deleted', object: T): void
  #call(handler: InformerHandler<T>, on: 'updated', object: T, old: T): void
  #call(handler: InformerHandler<T>, on: 'added' | 'updated' | 'deleted', object: T, old?: T): void {
    try {
      if (on === 'updated') handler.updated?.(object, old!)
      else handler[on]?.(object)
    } catch (error) {
      this.#log.error('informer handler failed', { resource: this.ref.resource, key: keyOf(object), error })
    }
  }
}
