import type { Clock } from '../machinery/clock.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a queue tells whoever measures it (client-go util/workqueue/metrics.go). */
export interface WorkQueueMetrics {
  readonly added?: (depth: number) => void
  readonly taken?: (depth: number, waitedMs: number) => void
  readonly done?: (workedMs: number) => void
  readonly retried?: () => void
}

export interface WorkQueueOptions {
  readonly clock: Clock
  /** Backoff of an item that failed: `baseMs`·2ⁿ up to `capMs` (default 5 ms … 1000 s). */
  readonly backoff?: { readonly baseMs: number; readonly capMs: number }
  /** Over all retries (default 10/s with bursts of 100). */
  readonly retryRate?: { readonly perSecond: number; readonly burst: number }
  readonly metrics?: WorkQueueMetrics
}

/**
 * A level-based queue (client-go util/workqueue): an item waits in it at most once, is worked on by one worker at a
 * time, and when it was added during its work it comes again afterwards. So nothing is missed and nothing piles up.
 */
export class WorkQueue<Item> {
  readonly #clock: Clock
  readonly #metrics: WorkQueueMetrics
  readonly #base: number
  readonly #cap: number
  readonly #bucket: TokenBucket
  /** In order of arrival: waiting items, with their time of arrival. */
  readonly #waiting = new Map<Item, number>()
  readonly #working = new Map<Item, number>()
  readonly #again = new Set<Item>()
  readonly #failures = new Map<Item, number>()
  readonly #delayed = new Map<Item, { due: number; cancel: () => void }>()
  #takers: ((item: Item | undefined) => void)[] = []
  #closed = false

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock
    this.#metrics = options.metrics ?? {}
    this.#base = options.backoff?.baseMs ?? 5
    this.#cap = options.backoff?.capMs ?? 1_000_000
    this.#bucket = new TokenBucket(options.clock, options.retryRate ?? { perSecond: 10, burst: 100 })
  }

  /** Items that wait, without those that are delayed or worked on. */
  get length(): number {
    return this.#waiting.size
  }
  /** Nothing waits or is worked on (delayed items may be there). */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#working.size === 0
  }
  add(item: Item): void {
    if (this.#closed || this.#waiting.has(item)) return
    if (this.#working.has(item)) {
      this.#again.add(item)
      return
    }
    this.#waiting.set(item, this.#clock.monotonic())
    this.#metrics.added?.(this.#waiting.size)
    const taker = this.#takers.shift()
    if (taker !== undefined) taker(this.#take())
  }
  /** Adds the item after `delayMs`; of several delays for one item the earliest counts. */
  addAfter(item: Item, delayMs: number): void {
    if (this.#closed) return
    if (delayMs <= 0) return this.add(item)
    const due = this.#clock.monotonic() + delayMs
    const old = this.#delayed.get(item)
    if (old !== undefined && old.due <= due) return
    old?.cancel()
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(item)
      this.add(item)
    })
    this.#delayed.set(item, { due, cancel })
  }
  /** Adds the item after its backoff, which grows with each call until `forget`. */
  addRateLimited(item: Item): void {
    const failures = this.#failures.get(item) ?? 0
    this.#failures.set(item, failures + 1)
    this.#metrics.retried?.()
    this.addAfter(item, Math.max(Math.min(this.#base * 2 ** Math.min(failures, 60), this.#cap), this.#bucket.reserve()))
  }
  /** How often the item was added rate-limited since it was forgotten. */
  failures(item: Item): number {
    return this.#failures.get(item) ?? 0
  }
  /** The item succeeded or is given up: its backoff starts over. */
  forget(item: Item): void {
    this.#failures.delete(item)
  }
  /** The next item; undefined when the queue is closed. Whoever takes it calls `done`. */
  next(): Promise<Item | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    if (this.#waiting.size > 0) return Promise.resolve(this.#take())
    return new Promise((resolve) => this.#takers.push(resolve))
  }
  done(item: Item): void {
    const started = this.#working.get(item)
    if (started === undefined) return
    this.#working.delete(item)
    this.#metrics.done?.(this.#clock.monotonic() - started)
    if (this.#again.delete(item)) this.add(item)
  }
  /** Drops what waits; workers get undefined. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
    this.#waiting.clear()
    this.#again.clear()
    const takers = this.#takers
    this.#takers = []
    for (const taker of takers) taker(undefined)
  }

  #take(): Item {
    const [item, since] = this.#waiting.entries().next().value as [Item, number]
    const now = this.#clock.monotonic()
    this.#waiting.delete(item)
    this.#working.set(item, now)
    this.#metrics.taken?.(this.#waiting.size, now - since)
    return item
  }
}
