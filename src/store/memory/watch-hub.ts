import { Compacted, type Watcher } from '../store.ts'
import type { Batch, VersionEvent } from './transaction.ts'

interface Registration {
  readonly prefix: string
  readonly watcher: Watcher
  /** Everything up to this revision was delivered, or is none of the watcher's business. */
  position: number
  /** What the watcher itself knows of that. */
  told: number
  stopped: boolean
}

/**
 * Delivers batches to watchers by the prefix of the key. A key is looked up once per distinct length of a prefix, so
 * that hundreds of watchers cost an event nothing but their share.
 */
export class WatchHub {
  readonly #byPrefix = new Map<string, Set<Registration>>()
  #lengths: number[] = []
  /** Published and not delivered yet: a watcher that writes must not overtake the others. */
  readonly #queue: Batch[] = []
  #draining = false
  #ended: Error | undefined
  #progressDue = false
  #newest: number
  readonly #history: (after: number) => readonly Batch[]

  /** `history`: the batches after a revision, or Compacted; up to and with the last that was published. */
  constructor(newest: number, history: (after: number) => readonly Batch[]) {
    this.#newest = newest
    this.#history = history
  }

  get size(): number {
    let size = 0
    for (const registrations of this.#byPrefix.values()) size += registrations.size
    return size
  }

  watch(prefix: string, after: number, watcher: Watcher): () => void {
    const registration: Registration = { prefix, watcher, position: after, told: after, stopped: false }
    // Not at once: the caller shall hold the stop function before the first event.
    queueMicrotask(() => {
      this.#catchUp(registration)
      if (registration.stopped) return
      this.#add(registration)
      this.#scheduleProgress()
    })
    return () => {
      registration.stopped = true
      this.#remove(registration)
    }
  }

  publish(batch: Batch): void {
    this.#newest = batch.revision
    if (this.#byPrefix.size === 0) return
    this.#queue.push(batch)
    if (this.#draining) return
    this.#draining = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#deliver(next)
    } finally {
      this.#draining = false
    }
    this.#scheduleProgress()
  }

  /** Ends every watch. */
  end(error: Error): void {
    this.#ended = error
    const all = [...this.#byPrefix.values()].flatMap((registrations) => [...registrations])
    this.#byPrefix.clear()
    this.#lengths = []
    for (const registration of all) {
      registration.stopped = true
      registration.watcher.onEnd(error)
    }
  }

  /** Delivers what happened before the watch joined, or ends it. */
  #catchUp(registration: Registration): void {
    // Again, when a watcher writes upon what it hears.
    while (!registration.stopped && (this.#ended || registration.position < this.#newest)) {
      try {
        if (this.#ended) throw this.#ended
        for (const { revision, events } of this.#history(registration.position)) {
          if (registration.stopped) return
          const matching = events.filter((event) => keyOf(event).startsWith(registration.prefix))
          registration.position = revision
          if (matching.length > 0) tell(registration, matching, revision)
        }
      } catch (error) {
        if (error !== this.#ended && !(error instanceof Compacted)) throw error
        registration.stopped = true
        registration.watcher.onEnd(error as Error)
      }
    }
  }

  #deliver({ revision, events }: Batch): void {
    if (events.length === 1) {
      const event = events[0]!
      this.#visit(keyOf(event), (registration) => {
        if (registration.position < revision) tell(registration, events, revision)
      })
      return
    }
    const shares = new Map<Registration, VersionEvent[]>()
    for (const event of events) {
      this.#visit(keyOf(event), (registration) => {
        if (registration.position >= revision) return
        const share = shares.get(registration)
        if (share) share.push(event)
        else shares.set(registration, [event])
      })
    }
    for (const [registration, share] of shares) {
      if (registration.stopped) continue
      tell(registration, share, revision)
    }
  }

  #visit(key: string, visit: (registration: Registration) => void): void {
    for (const length of this.#lengths) {
      if (length > key.length) break
      const registrations = this.#byPrefix.get(key.slice(0, length))
      if (registrations) for (const registration of registrations) visit(registration)
    }
  }

  /** Once per turn, not per write: who saw nothing is told how far the store is. */
  #scheduleProgress(): void {
    if (this.#progressDue) return
    this.#progressDue = true
    queueMicrotask(() => {
      this.#progressDue = false
      for (const registrations of this.#byPrefix.values()) {
        for (const registration of registrations) {
          if (registration.told >= this.#newest) continue
          registration.position = this.#newest
          registration.told = this.#newest
          registration.watcher.onProgress?.(this.#newest)
        }
      }
    })
  }

  #add(registration: Registration): void {
    const registrations = this.#byPrefix.get(registration.prefix)
    if (registrations) registrations.add(registration)
    else this.#byPrefix.set(registration.prefix, new Set([registration]))
    this.#relength()
  }

  #remove(registration: Registration): void {
    const registrations = this.#byPrefix.get(registration.prefix)
    if (!registrations?.delete(registration) || registrations.size > 0) return
    this.#byPrefix.delete(registration.prefix)
    this.#relength()
  }

  #relength(): void {
    this.#lengths = [...new Set([...this.#byPrefix.keys()].map((prefix) => prefix.length))].sort((a, b) => a - b)
  }
}

function tell(registration: Registration, events: readonly VersionEvent[], revision: number): void {
  registration.position = revision
  registration.told = revision
  registration.watcher.onEvents(events, revision)
}

function keyOf(event: VersionEvent): string {
  return event.type === 'put' ? event.entry.key : event.key
}
