/**
 * The store: ordered keys, revisions, atomic conditional writes, and a watch that misses nothing. The contract is
 * etcd's (v3 KV, Watch), cut down to what the API server needs. Every engine passes `conformance.ts`.
 *
 * - A revision counts transactions that changed something. It starts at 1 (empty), only grows, and survives restarts.
 * - What a write acknowledged is durable (engines that say so) and seen by every later read and watch.
 * - A write is never seen, by a read or a watch, before it is durable: a crash takes back nothing that anyone saw,
 *   `fleeting` writes excepted.
 */
export interface Entry {
  readonly key: string
  readonly value: Uint8Array
  /** Revision at which the key came into being (since its last deletion). */
  readonly createRevision: number
  /** Revision of its last change. */
  readonly modRevision: number
  /** What the writer passed beside the value, when the engine is in the writer's process; a hint, never stored. */
  readonly attachment?: unknown
}

export interface ListOptions {
  /** Read the state as of this revision (default: newest). Throws Compacted below the compact revision. */
  readonly at?: number
  /** Only keys strictly greater than this one. */
  readonly after?: string
  /** At most so many entries (default: all). */
  readonly limit?: number
}

export interface ListResult {
  readonly entries: readonly Entry[]
  /** The revision of the state that was read. */
  readonly revision: number
  /** How many entries lie beyond the limit. */
  readonly remaining: number
}

/** Holds when the key's last change is exactly at `modRevision`; 0: the key does not exist. */
export interface Compare {
  readonly key: string
  readonly modRevision: number
}

export type Operation =
  | {
      readonly type: 'put'
      readonly key: string
      readonly value: Uint8Array
      readonly attachment?: unknown
      readonly ttlSeconds?: number
    }
  | { readonly type: 'delete'; readonly key: string }

export interface Transaction {
  readonly compares: readonly Compare[]
  /** All applied at one revision when every compare holds; each key at most once. */
  readonly operations: readonly Operation[]
  /**
   * An engine may acknowledge and show it up to a minute before it is durable, so that an idle disk rests. Where a crash takes
   * such a write back, its revision is never given to another one, and watches from before begin anew (Compacted).
   */
  readonly fleeting?: boolean
}

export type TransactionResult =
  | { readonly succeeded: true; readonly revision: number }
  /** `entries`: the present state of each compared key (undefined: absent), in order, to retry from without a read. */
  | { readonly succeeded: false; readonly revision: number; readonly entries: readonly (Entry | undefined)[] }

export type StoreEvent =
  | { readonly type: 'put'; readonly entry: Entry; readonly previous?: Entry }
  /** `revision`: that of the deletion. `previous`: the last state. */
  | { readonly type: 'delete'; readonly key: string; readonly revision: number; readonly previous?: Entry }

/**
 * Receives events in revision order, exactly once each; all events of one transaction come in one batch. Called
 * synchronously from the store's loop: it must be quick and must not throw.
 */
export interface Watcher {
  readonly onEvents: (events: readonly StoreEvent[], revision: number) => void
  /** Everything up to `revision` was delivered, though nothing under the prefix changed. */
  readonly onProgress?: (revision: number) => void
  /** The watch ended for good: Compacted, or the store closed or failed. */
  readonly onEnd: (error: Error) => void
}

export interface Store {
  /** Whether an acknowledged write survives the loss of the process and of power. */
  readonly durable: boolean
  /** Whether other processes may work on the same data at the same time. */
  readonly shared: boolean
  /** The newest revision that reads see. Watches soon hear that they have reached it (`onProgress`). */
  revision(): Promise<number>
  get(
    key: string,
    options?: { readonly at?: number },
  ): Promise<{ readonly entry: Entry | undefined; readonly revision: number }>
  list(prefix: string, options?: ListOptions): Promise<ListResult>
  count(prefix: string): Promise<number>
  transact(transaction: Transaction): Promise<TransactionResult>
  /** Events after revision `after`, forever; the result stops it. `after` below the compact revision ends it with Compacted. */
  watch(prefix: string, after: number, watcher: Watcher): () => void
  /** Forgets the history before `revision`; the newest state of each key stays. */
  compact(revision: number): Promise<void>
  /** Bytes that the engine occupies on disk, or in memory when it has none. */
  size(): Promise<number>
  close(): Promise<void>
}

/** A read or watch asked for history that compaction removed. */
export class Compacted extends Error {
  override readonly name = 'Compacted'
  readonly compactRevision: number
  constructor(compactRevision: number) {
    super(`required revision has been compacted (oldest kept: ${compactRevision})`)
    this.compactRevision = compactRevision
  }
}
/** A read asked for a revision that is not there yet. */
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision'
}
/**
 * The store cannot take or give data: closed, disk full, damaged, out of reach. The message says what to do. A write
 * that failed so was not taken, unless the message says that this is not known.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
