import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../machinery/log.ts'
import { ExpiryQueue } from '../memory/expiry-queue.ts'
import { Mvcc } from '../memory/mvcc.ts'
import { defaultMaxHistoryBytes } from '../memory/store.ts'
import { type Batch, evaluate, type Present, type Version } from '../memory/transaction.ts'
import { WatchHub } from '../memory/watch-hub.ts'
import {
  type ListOptions,
  type Store,
  StoreUnavailable,
  type Transaction,
  type TransactionResult,
  type Watcher,
} from '../store.ts'
import { fileName, mostRevisionsAhead } from './database.ts'
import { DatabaseThread, DiskFull } from './database-thread.ts'
import type { Row } from './row.ts'
import { Restoration } from './restoration.ts'

/** How long what is fleeting may be seen without being on disk. */
const mostMsFleeting = 60_000

export interface SqliteStoreOptions {
  /** Belongs to one store at a time; made when it is not there. */
  readonly folder: string
  readonly clock: Clock
  readonly log?: Logger
  /** Past states are forgotten early beyond this many bytes. */
  readonly maxHistoryBytes?: number
}

/**
 * A store in a folder: what it acknowledged survives the loss of the process and of power. Everything is in memory too,
 * where reads and watches are served. Throws StoreUnavailable, with a sentence that says what to do, when the folder is
 * in use, damaged, or written by a newer version.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const restoration = new Restoration(options.folder)
  let broken: (error: StoreUnavailable) => void = () => {}
  const { thread, compactRevision } = await DatabaseThread.open(
    options.folder,
    (row) => restoration.add(row),
    (error) => broken(error),
  )
  try {
    const { state, dead, expiring } = restoration.finish(compactRevision)
    const store = new SqliteStore(options, thread, state, dead)
    broken = (error) => store.fail(error)
    store.expire(expiring)
    return store
  } catch (error) {
    await thread.close({ isWhole: true })
    throw error
  }
}

interface Pending {
  /** Undefined: an answer that may be given only once what it rests on is durable. */
  readonly batch?: Batch
  readonly result: TransactionResult
  readonly fleeting: boolean
  readonly resolve: (result: TransactionResult) => void
  readonly reject: (error: unknown) => void
}

class SqliteStore implements Store {
  readonly durable = true
  readonly shared = false
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #maxHistoryBytes: number
  readonly #thread: DatabaseThread
  /** What is on disk: the only state that reads and watches see. */
  readonly #state: Mvcc
  readonly #hub: WatchHub
  readonly #expiries: ExpiryQueue
  /** What is decided and not on disk yet, over `#state`; compares see it. Undefined: deleted. */
  readonly #ahead = new Map<string, Version | undefined>()
  readonly #present: Present & { revision: number; sequence: number }
  /** Rows that are seen and not on disk yet, and what brings them there in the end. */
  readonly #fleeting: Row[] = []
  #fleetingTimer: (() => void) | undefined
  /** Whether the disk knows that rows may be seen before they are on it. */
  #announced = false
  #waiting: Pending[] = []
  #flushing = false
  #flushed: Promise<void> = Promise.resolve()
  /** Rows that nothing refers to and that are still on disk. */
  #dead: number[]
  #compacting: Promise<void> = Promise.resolve()
  #failed: StoreUnavailable | undefined
  #closed = false

  constructor(options: SqliteStoreOptions, thread: DatabaseThread, state: Mvcc, dead: number[]) {
    this.#folder = options.folder
    this.#clock = options.clock
    this.#log = options.log ?? silentLogger
    this.#maxHistoryBytes = options.maxHistoryBytes ?? defaultMaxHistoryBytes
    this.#thread = thread
    this.#state = state
    this.#dead = dead
    this.#hub = new WatchHub(state.revision, (after) => state.batchesAfter(after))
    this.#expiries = new ExpiryQueue(options.clock, (versions) => this.#end(versions))
    this.#present = {
      revision: state.revision,
      sequence: state.sequence,
      current: (key) => (this.#ahead.has(key) ? this.#ahead.get(key) : state.current(key)),
    }
  }

  async revision(): Promise<number> {
    return this.#open().revision
  }

  async get(key: string, { at }: { readonly at?: number } = {}) {
    const state = this.#open()
    return { entry: state.get(key, at), revision: at ?? state.revision }
  }

  async list(prefix: string, options?: ListOptions) {
    return this.#open().list(prefix, options)
  }

  async count(prefix: string): Promise<number> {
    return this.#open().count(prefix)
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    this.#open()
    if (this.#failed) throw this.#failed
    const present = this.#present
    const decided = evaluate(transaction, present, this.#clock.now())
    const batch = 'batch' in decided && decided.batch.events.length > 0 ? decided.batch : undefined
    const result: TransactionResult =
      'failed' in decided
        ? { succeeded: false, revision: present.revision, entries: decided.failed }
        : { succeeded: true, revision: batch?.revision ?? present.revision }
    if (!batch && this.#ahead.size === 0) return result
    if (batch) this.#goAhead(batch)
    if (batch && transaction.fleeting && this.#mayShow()) {
      this.#show(batch)
      return result
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, result, fleeting: transaction.fleeting === true, resolve, reject })
      if (!this.#flushing) this.#flush()
    })
  }

  watch(prefix: string, after: number, watcher: Watcher): () => void {
    this.#open()
    return this.#hub.watch(prefix, after, watcher)
  }

  async compact(revision: number): Promise<void> {
    this.#dead.push(...this.#open().compact(revision))
    await this.#deleteDead()
  }

  async size(): Promise<number> {
    const bytes = (name: string) => statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0
    return bytes(fileName) + bytes(`${fileName}-wal`)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#expiries.stop()
    await this.#written()
    this.#fleetingTimer?.()
    await this.#thread.close({ isWhole: this.#fleeting.length === 0 })
    this.#hub.end(new StoreUnavailable('the store is closed'))
  }

  /** Takes over versions that end by themselves. */
  expire(versions: readonly Version[]): void {
    for (const version of versions) this.#expiries.add(version)
  }

  /** Refuses writes from now on; reads and watches of what is durable go on. */
  fail(error: StoreUnavailable): void {
    this.#failed = error
    this.#log.error('store takes no more writes', { error: error.message })
  }

  #open(): Mvcc {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
    return this.#state
  }

  #goAhead(batch: Batch): void {
    for (const event of batch.events) {
      if (event.type === 'put') this.#ahead.set(event.entry.key, event.entry)
      else this.#ahead.set(event.key, undefined)
    }
    this.#present.revision = batch.revision
    this.#present.sequence += batch.events.length
  }

  /** Behind others nothing is won by it, and the disk hears first of what may be lost. */
  #mayShow(): boolean {
    return !this.#flushing && this.#announced && this.#fleeting.length < mostRevisionsAhead
  }

  /** Makes a fleeting batch visible that is not on disk. */
  #show(batch: Batch): void {
    this.#fleeting.push(...rowsOf(batch))
    this.#land(batch)
    this.#flushLater()
  }

  #flushLater(): void {
    this.#fleetingTimer ??= this.#clock.after(mostMsFleeting, () => {
      if (!this.#flushing) this.#flush()
    })
  }

  /** Whatever was seen so far is on disk, unless that fails. */
  async #written(): Promise<void> {
    if (this.#fleeting.length > 0 && !this.#flushing) this.#flush()
    await this.#flushed
  }

  #flush(): void {
    this.#flushing = true
    this.#flushed = this.#flushAll()
  }

  /** Group commit: whatever was decided while the last group was being written makes the next. */
  async #flushAll(): Promise<void> {
    do {
      // What this turn of the loop still decides goes along, whichever connection it comes from.
      await new Promise(setImmediate)
      const group = this.#waiting
      this.#waiting = []
      try {
        const before = this.#fleeting.length
        const rows = [...this.#fleeting, ...group.flatMap(({ batch }) => (batch ? rowsOf(batch) : []))]
        const announces = !this.#announced && group.some(({ fleeting }) => fleeting)
        if (rows.length > 0) await this.#thread.commit(rows, { announces })
        this.#announced ||= announces
        this.#fleeting.splice(0, before)
      } catch (error) {
        this.#takeBack([...group, ...this.#waiting.splice(0)], error)
        continue
      }
      for (const pending of group) {
        if (pending.batch) this.#land(pending.batch)
        pending.resolve(pending.result)
      }
    } while (this.#waiting.length > 0)
    this.#flushing = false
    this.#fleetingTimer?.()
    this.#fleetingTimer = undefined
    if (this.#fleeting.length > 0) this.#flushLater()
  }

  /** Makes a batch that is on disk visible. */
  #land(batch: Batch): void {
    this.#state.apply(batch)
    for (const event of batch.events) {
      const key = event.type === 'put' ? event.entry.key : event.key
      const version = event.type === 'put' ? event.entry : undefined
      if (this.#ahead.get(key) === version) this.#ahead.delete(key)
      if (version) this.#expiries.add(version)
    }
    this.#hub.publish(batch)
    if (this.#state.pastBytes > this.#maxHistoryBytes) {
      const oldest = this.#state.revisionWithin(this.#maxHistoryBytes * 0.75)
      this.compact(oldest).catch((error) => this.#log.warn('history stays on disk', { error: error.message }))
    }
  }

  /** None of these reached the disk, and all that came after rested on them. */
  #takeBack(group: readonly Pending[], error: unknown): void {
    this.#ahead.clear()
    this.#present.revision = this.#state.revision
    this.#present.sequence = this.#state.sequence
    if (error instanceof DiskFull) this.#log.warn('write refused', { error: error.message })
    for (const { reject } of group) reject(error)
  }

  async #deleteDead(): Promise<void> {
    const before = this.#compacting
    const run = async () => {
      await before.catch(() => {})
      await this.#written()
      // In slices, so that writes get their turn. What a crash leaves behind is deleted after the next start.
      do {
        const slice = this.#dead.slice(0, 4096)
        // The revision goes to disk first or at once: rows of a history that is promised are never missing.
        await this.#thread.compact(this.#state.compactRevision, Float64Array.from(slice))
        this.#dead.splice(0, slice.length)
      } while (this.#dead.length > 0)
    }
    this.#compacting = run()
    await this.#compacting
  }

  #end(versions: readonly Version[]): void {
    for (const version of versions) {
      const { key, modRevision } = version
      this.transact({ compares: [{ key, modRevision }], operations: [{ type: 'delete', key }] }).catch((error) => {
        if (!this.#closed && error instanceof DiskFull) this.#expiries.retry([version])
      })
    }
  }
}

function rowsOf(batch: Batch): Row[] {
  return batch.events.map((event): Row => {
    if (event.type === 'delete') {
      return [event.sequence, event.revision, 0, event.key, null, null]
    }
    const { sequence, modRevision, createRevision, key, value, expiresAt = null } = event.entry
    // A view would take the whole buffer beneath it along to the other thread.
    const own = value.byteLength === value.buffer.byteLength ? value : value.slice()
    return [sequence, modRevision, createRevision, key, own, expiresAt]
  })
}
