import type { CacheEvent } from './watch-event.ts'

const leastKept = 100
const mostKept = 100 * 1024
/** Events younger than this are kept while there is room (upstream: cacher.go, eventFreshDuration). */
const freshMs = 75_000

/**
 * The recent events of a resource, in revision order, from which a watch is taken up again. Old ones go when they are
 * stale, or when there are too many.
 */
export class EventRing {
  #events: (CacheEvent | undefined)[] = []
  #times: number[] = []
  #first = 0
  /** Every event after this revision is here. */
  #since: number

  constructor(since: number) {
    this.#since = since
  }

  get since(): number {
    return this.#since
  }
  get size(): number {
    return this.#events.length - this.#first
  }

  push(event: CacheEvent, now: number): void {
    this.#events.push(event)
    this.#times.push(now)
    while (this.size > mostKept || (this.size > leastKept && this.#times[this.#first]! < now - freshMs)) this.#drop()
  }

  /** Puts events before those that are here: every one after `since` up to where the ring began. */
  prepend(events: readonly CacheEvent[], since: number, now: number): void {
    if (since >= this.#since) return
    const older = events.filter((event) => event.revision <= this.#since)
    this.#events = [...older, ...this.#events.slice(this.#first)]
    this.#times = [...older.map(() => now), ...this.#times.slice(this.#first)]
    this.#first = 0
    this.#since = since
  }

  /** Events after `revision`, oldest first; undefined when some of them are gone. */
  after(revision: number): CacheEvent[] | undefined {
    if (revision < this.#since) return undefined
    let low = this.#first
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#events[middle]!.revision <= revision) low = middle + 1
      else high = middle
    }
    return this.#events.slice(low) as CacheEvent[]
  }

  #drop(): void {
    this.#since = this.#events[this.#first]!.revision
    this.#events[this.#first++] = undefined
    if (this.#first > 1024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#times = this.#times.slice(this.#first)
      this.#first = 0
    }
  }
}
