import type { Clock } from '../../machinery/clock.ts'
import type { Decoded } from '../../machinery/grpc/message.ts'
import { Compacted, type Entry, type StoreEvent, StoreUnavailable, type Watcher } from '../store.ts'
import type { Connection, WatchStream } from './connection.ts'
import type { keyValue, watchResponse } from './messages.ts'

export interface WatchRange {
  readonly key: Uint8Array
  readonly rangeEnd: Uint8Array
}
type Response = Decoded<typeof watchResponse>

/** How often a watch that is behind asks again how far it is (as upstream: storage/cacher/progress). */
const progressIntervalMs = 100
const longestPauseMs = 5000

/**
 * One watch, over as many streams as it takes: a stream that breaks is followed by another from the last revision that
 * was delivered. A stream of its own for each, since etcd tells of progress per stream.
 */
export class EtcdWatch {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #range: WatchRange
  readonly #watcher: Watcher
  readonly #entry: (kv: Decoded<typeof keyValue>) => Entry
  readonly #onEnd: () => void
  #stream: WatchStream | undefined
  /** Everything up to this revision was delivered. */
  #position: number
  #created = false
  #wanted = 0
  #pauseMs = 0
  #cancelTimer: (() => void) | undefined
  #cancelAsking: (() => void) | undefined
  /** Parts of a response that came in fragments. */
  #fragments: Response['events'][number][] = []
  #over = false

  constructor(options: {
    connection: Connection
    clock: Clock
    range: WatchRange
    after: number
    watcher: Watcher
    entry: (kv: Decoded<typeof keyValue>) => Entry
    /** The watch is over, for whatever reason. */
    onEnd: () => void
  }) {
    this.#connection = options.connection
    this.#clock = options.clock
    this.#range = options.range
    this.#position = options.after
    this.#watcher = options.watcher
    this.#entry = options.entry
    this.#onEnd = options.onEnd
    this.#start()
  }

  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer?.()
    this.#cancelAsking?.()
    this.#stream?.cancel()
    this.#onEnd()
  }

  end(error: Error): void {
    if (this.#over) return
    this.stop()
    this.#watcher.onEnd(error)
  }

  /** The store is known to be at `revision`: sees to it that the watcher hears so. */
  reach(revision: number): void {
    if (this.#watcher.onProgress === undefined || revision <= this.#wanted) return
    this.#wanted = revision
    if (this.#cancelAsking === undefined) this.#ask()
  }

  #start(): void {
    this.#created = false
    this.#fragments = []
    this.#stream = this.#connection.watch({
      response: (response) => this.#receive(response),
      lost: (error) => this.#lost(error),
    })
    const { key, rangeEnd } = this.#range
    this.#stream.send({
      create: {
        key,
        rangeEnd,
        startRevision: this.#position + 1,
        progressNotify: true,
        previous: true,
        fragment: true,
      },
    })
  }

  #lost(error: Error | undefined): void {
    if (this.#over) return
    const { code, details } = (error ?? {}) as { code?: number; details?: string }
    // PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED: it will not get better.
    if (code === 7 || code === 16 || code === 12) {
      this.end(new StoreUnavailable(`etcd refuses to be watched: ${details}`))
      return
    }
    this.#restart()
  }

  #restart(): void {
    this.#stream?.cancel()
    this.#cancelTimer = this.#clock.after(this.#pauseMs, () => this.#start())
    this.#pauseMs = Math.min(longestPauseMs, Math.max(100, this.#pauseMs * 2))
  }

  #receive(response: Response): void {
    if (response.canceled) {
      if (response.compactRevision > 0) this.end(new Compacted(response.compactRevision))
      else this.#restart()
      return
    }
    if (response.created) {
      this.#created = true
      return
    }
    this.#pauseMs = 0
    this.#fragments.push(...response.events)
    if (response.fragment) return
    const events = this.#fragments
    this.#fragments = []
    if (events.length > 0) this.#deliver(events)
    else this.#progress(response.header?.revision ?? 0)
  }

  #deliver(events: Response['events']): void {
    for (let from = 0; from < events.length && !this.#over; ) {
      const revision = events[from]!.kv!.modRevision
      let to = from + 1
      while (to < events.length && events[to]!.kv!.modRevision === revision) to++
      const batch = events.slice(from, to).map((event) => this.#event(event))
      from = to
      if (revision <= this.#position) continue
      this.#position = revision
      this.#watcher.onEvents(batch, revision)
    }
  }

  #event({ type, kv, previous }: Response['events'][number]): StoreEvent {
    const entry = this.#entry(kv!)
    const before = previous && this.#entry(previous)
    return type === 0
      ? { type: 'put', entry, previous: before }
      : { type: 'delete', key: entry.key, revision: entry.modRevision, previous: before }
  }

  #progress(revision: number): void {
    if (revision <= this.#position) return
    this.#position = revision
    this.#watcher.onProgress?.(revision)
  }

  #ask(): void {
    this.#cancelAsking = undefined
    if (this.#over || this.#position >= this.#wanted) return
    // etcd answers once the watch has caught up, and else not at all.
    if (this.#created) this.#stream?.send({ progress: {} })
    this.#cancelAsking = this.#clock.after(progressIntervalMs, () => this.#ask())
  }
}
