import SortedBTree from 'sorted-btree'
import { Compacted, FutureRevision, type ListOptions, type ListResult } from '../store.ts'
import type { Batch, Version } from './transaction.ts'

/** A state that was replaced or deleted at revision `until`. */
interface Past {
  readonly version: Version
  readonly until: number
}

// The package is CommonJS: its class is the `default` member of what Node imports.
const BTree = SortedBTree.default
type Tree<Value> = InstanceType<typeof BTree<string, Value>>
const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Keys in order with their newest state, every older state since the last compaction, and what each revision changed.
 * Purely in memory and synchronous: it decides nothing and tells nobody.
 */
export class Mvcc {
  readonly #live: Tree<Version> = new BTree<string, Version>(undefined, byCodeUnit)
  readonly #past: Tree<Past[]> = new BTree<string, Past[]>(undefined, byCodeUnit)
  /** Batches of the revisions after `#forgotten`, without gaps. */
  #log: Batch[] = []
  #forgotten: number
  #revision: number
  #sequence = 0
  #liveBytes = 0
  #pastBytes = 0

  /** A state to begin with, whose history is not known; `sequence`: that of the last operation. */
  constructor(revision = 1, versions: Iterable<Version> = [], sequence = 0) {
    this.#forgotten = revision
    this.#revision = revision
    this.#sequence = sequence
    for (const version of versions) {
      this.#live.set(version.key, version)
      this.#liveBytes += bytesOf(version)
    }
  }

  get revision(): number {
    return this.#revision
  }
  /** The sequence of the last operation. */
  get sequence(): number {
    return this.#sequence
  }
  /** The oldest revision whose state is known. */
  get compactRevision(): number {
    return this.#forgotten
  }
  /** Bytes of keys and values, newest and past. */
  get bytes(): number {
    return this.#liveBytes + this.#pastBytes
  }
  get pastBytes(): number {
    return this.#pastBytes
  }

  current(key: string): Version | undefined {
    return this.#live.get(key)
  }

  get(key: string, at = this.#revision): Version | undefined {
    this.#check(at)
    const live = this.#live.get(key)
    return live && live.modRevision <= at ? live : stateAt(this.#past.get(key), at)
  }

  list(prefix: string, { at = this.#revision, after, limit }: ListOptions = {}): ListResult {
    this.#check(at)
    const low = after !== undefined && after >= prefix ? `${after}\0` : prefix
    const high = prefixEnd(prefix)
    const entries: Version[] = []
    if (at === this.#revision) {
      const most = limit ?? Number.POSITIVE_INFINITY
      forRange(this.#live, low, high, (_, version) => {
        entries.push(version)
        return entries.length < most
      })
      const remaining = entries.length < most ? 0 : countRange(this.#live, low, high) - entries.length
      return { entries, revision: at, remaining }
    }
    forRange(this.#live, low, high, (_, version) => {
      if (version.modRevision <= at) entries.push(version)
      return true
    })
    const unchanged = entries.length
    forRange(this.#past, low, high, (_, past) => {
      const version = stateAt(past, at)
      if (version) entries.push(version)
      return true
    })
    if (unchanged > 0 && entries.length > unchanged) entries.sort((a, b) => byCodeUnit(a.key, b.key))
    const page = limit === undefined ? entries : entries.slice(0, limit)
    return { entries: page, revision: at, remaining: entries.length - page.length }
  }

  count(prefix: string): number {
    return countRange(this.#live, prefix, prefixEnd(prefix))
  }

  /** Takes the batch of the next revision. */
  apply(batch: Batch): void {
    if (batch.revision !== this.#revision + 1) {
      throw new RangeError(`revision ${batch.revision} does not follow ${this.#revision}`)
    }
    for (const event of batch.events) {
      const { previous } = event
      if (previous) {
        this.#liveBytes -= bytesOf(previous)
        this.#pastBytes += bytesOf(previous)
        const past = this.#past.get(previous.key)
        if (past) past.push({ version: previous, until: batch.revision })
        else this.#past.set(previous.key, [{ version: previous, until: batch.revision }])
      }
      if (event.type === 'put') {
        this.#liveBytes += bytesOf(event.entry)
        this.#live.set(event.entry.key, event.entry)
        this.#sequence = event.entry.sequence
      } else {
        this.#live.delete(event.key)
        this.#sequence = event.sequence
      }
    }
    this.#log.push(batch)
    this.#revision = batch.revision
  }

  /** The batches after revision `after`, oldest first. Throws Compacted when they are no longer all there. */
  batchesAfter(after: number): readonly Batch[] {
    if (after < this.#forgotten) throw new Compacted(this.#forgotten)
    return this.#log.slice(after - this.#forgotten)
  }

  /**
   * Forgets what only revisions before `revision` could see. Returns the sequences of the operations that nothing
   * refers to any more, each after those that it ended: who removes only the first of them brings no key back to life.
   */
  compact(revision: number): number[] {
    if (revision > this.#revision) throw new FutureRevision(`revision ${revision} is not there yet`)
    const dead: number[] = []
    if (revision <= this.#forgotten) return dead
    const dropped = this.#log.slice(0, revision - this.#forgotten)
    this.#log = this.#log.slice(dropped.length)
    this.#forgotten = revision
    for (const { events } of dropped) {
      for (const event of events) {
        if (!event.previous) continue
        const past = this.#past.get(event.previous.key)!
        const { version } = past.shift()!
        if (past.length === 0) this.#past.delete(version.key)
        this.#pastBytes -= bytesOf(version)
        dead.push(version.sequence)
        if (event.type === 'delete') dead.push(event.sequence)
      }
    }
    return dead
  }

  /** The highest revision to compact to so that past states take at most `bytes`. */
  revisionWithin(bytes: number): number {
    let excess = this.#pastBytes - bytes
    let revision = this.#forgotten
    for (const batch of this.#log) {
      if (excess <= 0) break
      for (const { previous } of batch.events) if (previous) excess -= bytesOf(previous)
      revision = batch.revision
    }
    return revision
  }

  #check(at: number): void {
    if (at > this.#revision) throw new FutureRevision(`revision ${at} is not there yet (newest: ${this.#revision})`)
    if (at < this.#forgotten) throw new Compacted(this.#forgotten)
  }
}

function stateAt(past: readonly Past[] | undefined, at: number): Version | undefined {
  return past?.find(({ version, until }) => version.modRevision <= at && at < until)?.version
}

function bytesOf(version: Version): number {
  return version.key.length + version.value.byteLength
}

/** The least key beyond all that start with `prefix`; undefined: there is none. */
export function prefixEnd(prefix: string): string | undefined {
  for (let end = prefix.length; end > 0; end--) {
    const last = prefix.charCodeAt(end - 1)
    if (last < 0xffff) return prefix.slice(0, end - 1) + String.fromCharCode(last + 1)
  }
  return undefined
}

function forRange<Value>(
  tree: Tree<Value>,
  low: string,
  high: string | undefined,
  visit: (key: string, value: Value) => boolean,
): void {
  const stop = { break: true }
  const top = high ?? tree.maxKey()
  if (top === undefined) return
  tree.forRange(low, top, high === undefined, (key: string, value: Value) => {
    if (!visit(key, value)) return stop as never
  })
}

function countRange<Value>(tree: Tree<Value>, low: string, high: string | undefined): number {
  const top = high ?? tree.maxKey()
  return top === undefined ? 0 : tree.forRange(low, top, high === undefined)
}
