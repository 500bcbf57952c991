import type { Logger } from '../../machinery/log.ts'
import type { Store, StoreEvent } from '../../store/store.ts'
import { ResourceCache } from './resource-cache.ts'

/** Told of every revision that the caches have reached. */
type RevisionWaiter = { readonly revision: number; readonly resolve: () => void }

/**
 * Feeds the caches of all resources from one watch of the store, so that they share one notion of how far they are: what
 * was read at the store's newest revision is waited for once, not per resource. A cache is filled when it is first used.
 */
export class StoreFeed {
  readonly #store: Store
  readonly #root: string
  readonly #now: () => number
  readonly #log: Logger
  readonly #onFailure: (error: Error) => void
  readonly #caches = new Map<
    string,
    { cache: ResourceCache; ready: Promise<void>; backlog: StoreEvent[] | undefined }
  >()
  #revision = 0
  #waiters: RevisionWaiter[] = []
  #progress = new Set<(revision: number) => void>()
  #stop: (() => void) | undefined
  #filled: (prefix: string, ms: number) => void = () => {}

  /** `root`: the prefix of every key, `/registry/`. `onFailure`: the store's watch ended; no cache is fresh any more. */
  constructor(options: {
    store: Store
    root: string
    now: () => number
    log: Logger
    onFailure: (error: Error) => void
  }) {
    this.#store = options.store
    this.#root = options.root
    this.#now = options.now
    this.#log = options.log
    this.#onFailure = options.onFailure
  }

  /** The revision up to which every cache has seen all events. */
  get revision(): number {
    return this.#revision
  }

  async start(): Promise<void> {
    this.#revision = await this.#store.revision()
    this.#stop = this.#store.watch(this.#root, this.#revision, {
      onEvents: (events, revision) => this.#onEvents(events, revision),
      onProgress: (revision) => this.#advance(revision),
      onEnd: (error) => {
        this.#log.error('the store ended its watch', { error })
        for (const { cache } of this.#caches.values()) cache.end()
        this.#onFailure(error)
      },
    })
  }

  stop(): void {
    this.#stop?.()
    for (const { cache } of this.#caches.values()) cache.end()
    for (const waiter of this.#waiters) waiter.resolve()
    this.#waiters = []
  }

  /** The cache of the keys below `prefix` (relative to the root: `pods`, `services/specs`), filled. */
  async cache(prefix: string, decode?: (key: string, value: Uint8Array) => Uint8Array): Promise<ResourceCache> {
    const entry = this.#caches.get(prefix) ?? this.#open(prefix, decode)
    if (entry.backlog !== undefined) await entry.ready
    return entry.cache
  }

  /** The cache if it is filled already: the way without waiting. */
  filled(prefix: string): ResourceCache | undefined {
    const entry = this.#caches.get(prefix)
    return entry?.backlog === undefined ? entry?.cache : undefined
  }

  /** Forgets a cache, e.g. of a custom resource that was removed; its watchers end. */
  drop(prefix: string): void {
    this.#caches.get(prefix)?.cache.end()
    this.#caches.delete(prefix)
  }

  /** Resolves when the caches are as new as the store was at the call: the read that follows is linearizable. */
  async caughtUp(): Promise<number> {
    const revision = await this.#store.revision()
    await this.reached(revision)
    return revision
  }

  reached(revision: number): Promise<void> | undefined {
    if (this.#revision >= revision) return undefined
    return new Promise((resolve) => this.#waiters.push({ revision, resolve }))
  }

  /** Calls back whenever the revision has grown. */
  onProgress(listener: (revision: number) => void): () => void {
    this.#progress.add(listener)
    return () => this.#progress.delete(listener)
  }

  /** Told of each cache that was filled, and how long that took. */
  onFilled(filled: (prefix: string, ms: number) => void): void {
    this.#filled = filled
  }

  #open(prefix: string, decode?: (key: string, value: Uint8Array) => Uint8Array) {
    const cache = new ResourceCache({ prefix: `${this.#root}${prefix}/`, now: this.#now, decode })
    const entry = { cache, ready: Promise.resolve(), backlog: [] as StoreEvent[] | undefined }
    this.#caches.set(prefix, entry)
    const began = this.#now()
    entry.ready = (async () => {
      const { entries, revision } = await this.#store.list(cache.prefix)
      cache.load(entries, revision)
      const backlog = entry.backlog ?? []
      entry.backlog = undefined
      for (const event of backlog) if (revisionOf(event) > revision) cache.apply(event)
      // The list may be newer than what the watch has brought so far; those events are skipped when they come.
      if (revision > this.#revision) this.#loadedAt.set(cache, revision)
      this.#filled(prefix, this.#now() - began)
    })()
    entry.ready.catch(() => this.#caches.delete(prefix))
    return entry
  }

  readonly #loadedAt = new Map<ResourceCache, number>()

  #onEvents(events: readonly StoreEvent[], revision: number): void {
    for (const event of events) {
      const entry = this.#caches.get(this.#prefixOf(event.type === 'put' ? event.entry.key : event.key))
      if (entry === undefined) continue
      if (entry.backlog !== undefined) entry.backlog.push(event)
      else if (this.#loadedAt.size === 0 || revisionOf(event) > (this.#loadedAt.get(entry.cache) ?? 0)) {
        entry.cache.apply(event)
      }
    }
    this.#advance(revision)
  }

  #advance(revision: number): void {
    if (revision <= this.#revision) return
    this.#revision = revision
    for (const [cache, loadedAt] of this.#loadedAt) if (loadedAt <= revision) this.#loadedAt.delete(cache)
    if (this.#waiters.length > 0) {
      const due = this.#waiters.filter((waiter) => waiter.revision <= revision)
      this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision)
      for (const waiter of due) waiter.resolve()
    }
    for (const listener of this.#progress) listener(revision)
  }

  /** `pods` of `/registry/pods/…`; two segments where the layout has two (`services/specs`, `<group>/<plural>`). */
  #prefixOf(key: string): string {
    const from = this.#root.length
    const first = key.indexOf('/', from)
    const one = key.slice(from, first)
    if (this.#caches.has(one)) return one
    const second = key.indexOf('/', first + 1)
    return key.slice(from, second < 0 ? undefined : second)
  }
}

function revisionOf(event: StoreEvent): number {
  return event.type === 'put' ? event.entry.modRevision : event.revision
}
