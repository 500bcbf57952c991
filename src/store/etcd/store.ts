import { type Clock, systemClock } from '../../machinery/clock.ts'
import type { Decoded } from '../../machinery/grpc/message.ts'
import type { Logger } from '../../machinery/log.ts'
import { type Random, systemRandom } from '../../machinery/random.ts'
import { refuseDuplicates } from '../memory/transaction.ts'
import {
  Compacted,
  type Entry,
  FutureRevision,
  type ListOptions,
  type ListResult,
  type Operation,
  type Store,
  type Transaction,
  type TransactionResult,
  type Watcher,
} from '../store.ts'
import { closedError, Connection, EtcdError, type EtcdTls } from './connection.ts'
import { Leases } from './leases.ts'
import { compact, type keyValue, range, status, txn } from './messages.ts'
import { EtcdWatch, type WatchRange } from './watch.ts'

export interface EtcdStoreOptions {
  /** Members of one cluster: `http://host:port` or `https://host:port`. */
  readonly endpoints: readonly string[]
  readonly tls?: EtcdTls
  /** Put before every key (default: nothing; upstream's keys begin with `/registry/` already). */
  readonly prefix?: string
  /** In place of `/registry`, with which the keys begin (kube-apiserver --etcd-prefix). */
  readonly root?: string
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Logger
}

/** Entries of a list that are fetched at a time. */
const pageSize = 2000
const openWithinMs = 5000
const zero = Uint8Array.of(0)
const usualRoot = '/registry'

/** A store in etcd ≥ 3.4. Throws StoreUnavailable when it does not answer. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const connection = new Connection(options.endpoints, options.tls)
  try {
    const { version } = await connection.call(status, {}, openWithinMs)
    const tellsProgress = progressCanBeTrusted(version)
    if (!tellsProgress) {
      options.log?.warn('this etcd tells of progress too early, so reads may wait: 3.4.25, 3.5.8 or later is better', {
        version,
      })
    }
    return new EtcdStore(options, connection, tellsProgress)
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Before these versions an answer about progress could overtake events (etcd issue 15220). */
export function progressCanBeTrusted(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  if (major !== 3) return major > 3
  return minor > 5 || (minor === 5 && patch >= 8) || (minor === 4 && patch >= 25)
}

class EtcdStore implements Store {
  readonly durable = true
  readonly shared = true
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #prefix: string
  readonly #root: string
  readonly #leases: Leases
  readonly #watches = new Set<EtcdWatch>()
  readonly #tellsProgress: boolean
  #closed = false

  constructor(options: EtcdStoreOptions, connection: Connection, tellsProgress: boolean) {
    this.#connection = connection
    this.#clock = options.clock ?? systemClock
    this.#prefix = options.prefix ?? ''
    this.#root = options.root ?? usualRoot
    this.#leases = new Leases(connection, this.#clock, options.random ?? systemRandom)
    this.#tellsProgress = tellsProgress
  }

  async revision(): Promise<number> {
    const { header } = await this.#connection.call(range, { key: zero, countOnly: true, limit: 1 })
    const revision = header!.revision
    if (this.#tellsProgress) for (const watch of this.#watches) watch.reach(revision)
    return revision
  }

  async get(key: string, { at }: { readonly at?: number } = {}) {
    const request = { key: this.#bytes(key), revision: at, limit: 1 }
    const { header, kvs } = await this.#read(() => this.#connection.call(range, request))
    return { entry: kvs[0] && this.#entry(kvs[0]), revision: at ?? header!.revision }
  }

  async list(prefix: string, { at, after, limit }: ListOptions = {}): Promise<ListResult> {
    const { key, rangeEnd } = this.#range(prefix)
    const entries: Entry[] = []
    let from = after !== undefined && after >= prefix ? this.#bytes(`${after}\0`) : key
    let revision = at
    for (;;) {
      const most = Math.min(pageSize, (limit ?? Number.POSITIVE_INFINITY) - entries.length)
      const request = { key: from, rangeEnd, limit: most, revision }
      const page = await this.#read(() => this.#connection.call(range, request))
      revision ??= page.header!.revision
      for (const kv of page.kvs) entries.push(this.#entry(kv))
      const last = entries.at(-1)
      if (!page.more || last === undefined || entries.length === limit) {
        return { entries, revision, remaining: page.count - page.kvs.length }
      }
      from = this.#bytes(`${last.key}\0`)
    }
  }

  async count(prefix: string): Promise<number> {
    return (await this.#connection.call(range, { ...this.#range(prefix), countOnly: true })).count
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    refuseDuplicates(transaction.operations)
    const { compares } = transaction
    for (let attempt = 1; ; attempt++) {
      const success = await Promise.all(transaction.operations.map((operation) => this.#operation(operation)))
      try {
        const { header, succeeded, responses } = await this.#connection.call(txn, {
          compare: compares.map(({ key, modRevision }) => ({ target: 2, key: this.#bytes(key), modRevision })),
          success,
          failure: compares.map(({ key }) => ({ range: { key: this.#bytes(key), limit: 1 } })),
        })
        const { revision } = header!
        if (succeeded) return { succeeded, revision }
        const entries = responses.map(({ range }) => range?.kvs[0] && this.#entry(range.kvs[0]))
        return { succeeded, revision, entries }
      } catch (error) {
        const leaseLost = error instanceof EtcdError && error.message.includes('requested lease not found')
        if (!leaseLost || attempt > 1) throw error
        this.#leases.forget()
      }
    }
  }

  watch(prefix: string, after: number, watcher: Watcher): () => void {
    if (this.#closed) throw closedError()
    const watch = new EtcdWatch({
      connection: this.#connection,
      clock: this.#clock,
      range: this.#range(prefix),
      after,
      watcher,
      entry: (kv) => this.#entry(kv),
      onEnd: () => this.#watches.delete(watch),
    })
    this.#watches.add(watch)
    return () => watch.stop()
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#connection.call(compact, { revision })
    } catch (error) {
      if (isCompacted(error)) return
      throw isFuture(error) ? new FutureRevision(`revision ${revision} is not there yet`, { cause: error }) : error
    }
  }

  async size(): Promise<number> {
    return (await this.#connection.call(status, {})).dbSize
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const watch of Array.from(this.#watches)) watch.end(closedError())
    this.#connection.close()
  }

  async #read<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call()
    } catch (error) {
      if (isFuture(error)) throw new FutureRevision('the revision is not there yet', { cause: error })
      if (isCompacted(error)) throw new Compacted(await this.#compactRevision())
      throw error
    }
  }

  /** etcd names the oldest revision only to a watch that asks for what is gone. */
  #compactRevision(): Promise<number> {
    return new Promise((resolve, reject) => {
      const stream = this.#connection.watch({
        response: ({ canceled, compactRevision }) => {
          if (!canceled) return
          stream.cancel()
          resolve(compactRevision)
        },
        lost: (error) => reject(error ?? closedError()),
      })
      stream.send({ create: { key: zero, startRevision: 1 } })
    })
  }

  async #operation(operation: Operation) {
    const key = this.#bytes(operation.key)
    if (operation.type === 'delete') return { delete: { key } }
    const { value, ttlSeconds } = operation
    return { put: { key, value, lease: ttlSeconds === undefined ? 0 : await this.#leases.for(ttlSeconds) } }
  }

  #bytes(key: string): Uint8Array {
    const named = key.startsWith(usualRoot) ? this.#root + key.slice(usualRoot.length) : key
    return Buffer.from(this.#prefix + (key === '' && this.#root !== usualRoot ? `${this.#root}/` : named))
  }

  /** An end of one zero byte: all keys from the first on. */
  #range(prefix: string): WatchRange {
    const key = this.#bytes(prefix)
    for (let last = key.length - 1; last >= 0; last--) {
      if (key[last] === 255) continue
      const rangeEnd = Uint8Array.from(key.subarray(0, last + 1))
      rangeEnd[last]!++
      return { key, rangeEnd }
    }
    return { key: key.length === 0 ? zero : key, rangeEnd: zero }
  }

  #entry({ key, value, createRevision, modRevision }: Decoded<typeof keyValue>): Entry {
    const stored = Buffer.from(key).toString('utf8').slice(this.#prefix.length)
    const named = stored.startsWith(`${this.#root}/`) ? usualRoot + stored.slice(this.#root.length) : stored
    return { key: named, value, createRevision, modRevision }
  }
}

function isCompacted(error: unknown): boolean {
  return error instanceof EtcdError && error.message.includes('required revision has been compacted')
}
function isFuture(error: unknown): boolean {
  return error instanceof EtcdError && error.message.includes('required revision is a future revision')
}
