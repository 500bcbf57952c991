import type { PriorityLevelConfiguration } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { FairQueues, type Waiting } from './fair-queues.ts'
import type { LevelSeats, Rejection } from './flow-control-metrics.ts'

const usualMaxWaitMs = 15_000

interface Level {
  readonly configuration: PriorityLevelConfiguration
  readonly exempt: boolean
  /** Undefined: what finds no seat is refused. */
  readonly queues: FairQueues | undefined
  nominal: number
  /** Of its seats those that others may have while it does not need them, and how many it may have of others'. */
  lendable: number
  borrowable: number
  inUse: number
}

/**
 * Seats of the server, shared among priority levels by their shares. A level that needs more than its own borrows what
 * others lend and leave unused. Upstream shifts seats every ten seconds; here they are lent one by one.
 */
export class PriorityLevels {
  readonly #clock: Clock
  readonly #totalSeats: number
  #levels = new Map<string, Level>()

  readonly #maxWaitMs: number

  constructor(options: { readonly clock: Clock; readonly totalSeats: number; readonly maxWaitMs?: number }) {
    this.#maxWaitMs = options.maxWaitMs ?? usualMaxWaitMs
    this.#clock = options.clock
    this.#totalSeats = options.totalSeats
  }

  /** Levels that are as they were keep their queues; what waits in others' is moved on by its own release. */
  configure(configurations: readonly PriorityLevelConfiguration[]): void {
    const shares = configurations.reduce((sum, { spec }) => sum + (spec.limited?.nominalConcurrencyShares ?? 0), 0)
    const levels = new Map<string, Level>()
    for (const configuration of configurations) {
      const { limited, type } = configuration.spec
      const name = configuration.metadata.name!
      const known = this.#levels.get(name)
      const same = JSON.stringify(known?.configuration.spec) === JSON.stringify(configuration.spec)
      const queuing = limited?.limitResponse?.queuing
      const own = limited?.nominalConcurrencyShares ?? 0
      const nominal = shares === 0 ? 0 : Math.ceil((this.#totalSeats * own) / shares)
      const level: Level = {
        configuration,
        exempt: type === 'Exempt',
        queues: same ? known!.queues : queuing === undefined ? undefined : new FairQueues(queuing),
        nominal,
        lendable: Math.round((nominal * (limited?.lendablePercent ?? 0)) / 100),
        borrowable:
          limited?.borrowingLimitPercent === undefined
            ? this.#totalSeats
            : Math.round((nominal * limited.borrowingLimitPercent) / 100),
        inUse: 0,
      }
      if (known !== undefined) {
        level.inUse = known.inUse
        if (!same) for (let item = known.queues?.shift(); item !== undefined; item = known.queues?.shift()) item.start()
      }
      levels.set(name, level)
    }
    for (const [name, old] of this.#levels)
      if (!levels.has(name))
        for (let item = old.queues?.shift(); item !== undefined; item = old.queues?.shift()) item.start()
    this.#levels = levels
  }

  get(name: string): PriorityLevelConfiguration | undefined {
    return this.#levels.get(name)?.configuration
  }
  *seats(): Generator<LevelSeats> {
    for (const [level, { nominal, lendable, borrowable, inUse }] of this.#levels) {
      const upper = Math.min(this.#totalSeats, nominal + borrowable)
      yield { level, nominal, lower: nominal - lendable, upper, current: Math.max(nominal, inUse) }
    }
  }
  inUse(name: string): number {
    return this.#levels.get(name)?.inUse ?? 0
  }

  /** Takes seats, at once or after waiting for a turn. The result gives them back. Throws, or rejects with, what `rejected` makes. */
  take(
    name: string,
    flow: string,
    seats: number,
    rejected: (why: Rejection) => Error,
  ): (() => void) | Promise<() => void> {
    const level = this.#levels.get(name)
    if (level === undefined || level.exempt) return () => {}
    if ((level.queues?.length ?? 0) === 0 && this.#hasRoom(level, seats)) return this.#seated(name, level, seats)
    if (level.queues === undefined) {
      throw rejected('concurrency-limit')
    }
    const { queues } = level
    return new Promise((resolve, reject) => {
      const item: Waiting = {
        seats,
        start: () => {
          cancel()
          resolve(this.#seated(name, this.#levels.get(name) ?? level, seats))
        },
      }
      const cancel = this.#clock.after(this.#maxWaitMs, () => {
        if (queues.remove(item)) reject(rejected('time-out'))
      })
      if (queues.push(flow, item)) return
      cancel()
      reject(rejected('queue-full'))
    })
  }

  #seated(name: string, level: Level, seats: number): () => void {
    level.inUse += seats
    let released = false
    return () => {
      if (released) return
      released = true
      const present = this.#levels.get(name)
      if (present === undefined) return
      present.inUse -= seats
      this.#dispatch()
    }
  }

  /** A seat that one level gives back may be lent to another. */
  #dispatch(): void {
    for (const level of this.#levels.values()) {
      const { queues } = level
      for (let next = queues?.peek(); next !== undefined && this.#hasRoom(level, next.seats); next = queues?.peek())
        queues!.shift()!.start()
    }
  }

  /** A request that is wider than its level goes when the level is empty; from a queue without seats none goes. */
  #hasRoom(level: Level, seats: number): boolean {
    const isClosed = level.queues !== undefined && level.nominal === 0 && level.borrowable === 0
    if ((level.inUse === 0 && !isClosed) || level.inUse + seats <= level.nominal) return true
    const borrowed = level.inUse + seats - level.nominal
    if (borrowed > level.borrowable) return false
    let lent = seats
    let spare = 0
    for (const other of this.#levels.values()) {
      if (other.exempt) continue
      lent += Math.max(0, other.inUse - other.nominal)
      if (other !== level) spare += Math.min(other.lendable, Math.max(0, other.nominal - other.inUse))
    }
    return lent <= spare
  }
}
