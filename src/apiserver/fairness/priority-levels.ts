import type { PriorityLevelConfiguration } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { FairQueues, type Waiting } from './fair-queues.ts'
import { adjustSeats } from './adjust-seats.ts'
import type { LevelSeats, Rejection } from './flow-control-metrics.ts'
import { SeatDemand } from './seat-demand.ts'

const usualMaxWaitMs = 15_000
/** No request takes more seats than this, nor more than this part of its level's (priorityLevelMaxSeatsPercent). */
const mostSeats = 10
const mostOfLevel = 0.15

interface Level {
  readonly configuration: PriorityLevelConfiguration
  readonly exempt: boolean
  /** Undefined: what finds no seat is refused. */
  readonly queues: FairQueues | undefined
  readonly nominal: number
  /** What it never goes below, whatever it lends, nor above, whatever it borrows. */
  readonly lower: number
  readonly upper: number
  /** How many it has until the next look, with what it lends and borrows. */
  current: number
  target: number
  readonly demand: SeatDemand
  waiting: number
  inUse: number
}

/**
 * Seats of the server, shared among priority levels by their shares. A level that needs more than its own borrows what
 * others lend and leave unused: {@link PriorityLevels.adjust}, every ten seconds, goes by what each needed meanwhile.
 */
export class PriorityLevels {
  readonly #clock: Clock
  readonly #totalSeats: number
  #levels = new Map<string, Level>()
  #fairFraction = 0

  readonly #maxWaitMs: number

  constructor(options: { readonly clock: Clock; readonly totalSeats: number; readonly maxWaitMs?: number }) {
    this.#maxWaitMs = options.maxWaitMs ?? usualMaxWaitMs
    this.#clock = options.clock
    this.#totalSeats = options.totalSeats
  }

  /** Levels that are as they were keep their queues; what waits in others' is moved on by its own release. */
  configure(configurations: readonly PriorityLevelConfiguration[]): void {
    const shares = configurations.reduce(
      (sum, { spec }) => sum + ((spec.limited ?? spec.exempt)?.nominalConcurrencyShares ?? 0),
      0,
    )
    const levels = new Map<string, Level>()
    const displaced: (FairQueues | undefined)[] = []
    for (const configuration of configurations) {
      const { limited, exempt, type } = configuration.spec
      const name = configuration.metadata.name!
      const known = this.#levels.get(name)
      const same = JSON.stringify(known?.configuration.spec) === JSON.stringify(configuration.spec)
      const queuing = limited?.limitResponse?.queuing
      const own = (limited ?? exempt)?.nominalConcurrencyShares ?? 0
      const nominal = shares === 0 ? 0 : Math.ceil((this.#totalSeats * own) / shares)
      const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100)
      const borrowable =
        limited?.borrowingLimitPercent === undefined
          ? this.#totalSeats
          : Math.round((nominal * limited.borrowingLimitPercent) / 100)
      const level: Level = {
        configuration,
        exempt: type === 'Exempt',
        queues: same ? known!.queues : queuing === undefined ? undefined : new FairQueues(queuing),
        nominal,
        lower: nominal - lendable,
        upper: nominal + borrowable,
        current: known?.current ?? nominal - Math.floor(lendable / 2),
        target: known?.target ?? 0,
        demand: known?.demand ?? new SeatDemand(this.#clock),
        inUse: known?.inUse ?? 0,
        waiting: same ? known!.waiting : 0,
      }
      if (!same) displaced.push(known?.queues)
      levels.set(name, level)
    }
    for (const [name, { queues }] of this.#levels) if (!levels.has(name)) displaced.push(queues)
    this.#levels = levels
    for (const queues of displaced)
      for (let item = queues?.shift(); item !== undefined; item = queues?.shift()) item.start()
    this.adjust()
  }

  /** Shifts seats to where they were needed since the last time, and gives them to those who wait. */
  adjust(): void {
    const levels = [...this.#levels.values()]
    const adjusted = adjustSeats(levels.map((level) => ({ ...level, demand: level.demand.look() })))
    this.#fairFraction = adjusted.fairFraction
    for (const [index, level] of levels.entries()) {
      const { current, target } = adjusted.levels[index]!
      level.current = current
      level.target = target
      this.#dispatch(level)
    }
  }
  /** What part of its target each level has that no bound holds. */
  get fairFraction(): number {
    return this.#fairFraction
  }
  /** No request takes more of a level than this (MaxSeatsTracker). */
  mostSeats(name: string): number {
    const level = this.#levels.get(name)
    const queuing = level?.configuration.spec.limited?.limitResponse?.queuing
    if (level === undefined || queuing === undefined) return mostSeats
    const part = Math.min(Math.ceil(level.nominal * mostOfLevel), Math.floor(level.nominal / queuing.handSize))
    return Math.min(mostSeats, Math.max(1, part))
  }

  get(name: string): PriorityLevelConfiguration | undefined {
    return this.#levels.get(name)?.configuration
  }
  *seats(): Generator<LevelSeats> {
    for (const [level, { nominal, lower, upper, current, target, demand }] of this.#levels)
      yield { level, nominal, lower, upper, current, target, demand: demand.seen }
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
    if (level === undefined) return () => {}
    if (level.exempt) return this.#seated(name, level, seats)
    const { queues } = level
    if ((queues?.length ?? 0) === 0 && hasRoom(level, seats)) return this.#seated(name, level, seats)
    if (queues === undefined) throw rejected('concurrency-limit')
    return new Promise((resolve, reject) => {
      const waits = (more: number) => {
        const present = this.#levels.get(name)
        if (present?.queues === queues) count(present, 0, more)
      }
      const item: Waiting = {
        seats,
        start: () => {
          cancel()
          waits(-seats)
          resolve(this.#seated(name, this.#levels.get(name) ?? level, seats))
        },
      }
      const cancel = this.#clock.after(this.#maxWaitMs, () => {
        if (!queues.remove(item)) return
        waits(-seats)
        reject(rejected('time-out'))
      })
      if (queues.push(flow, item)) return waits(seats)
      cancel()
      reject(rejected('queue-full'))
    })
  }

  #seated(name: string, level: Level, seats: number): () => void {
    count(level, seats, 0)
    let released = false
    return () => {
      if (released) return
      released = true
      const present = this.#levels.get(name)
      if (present === undefined) return
      count(present, -seats, 0)
      this.#dispatch(present)
    }
  }

  #dispatch(level: Level): void {
    const { queues } = level
    for (let next = queues?.peek(); next !== undefined && hasRoom(level, next.seats); next = queues?.peek())
      queues!.shift()!.start()
  }
}

/** Who has seats and who waits for them is what the level needs. */
function count(level: Level, inUse: number, waiting: number): void {
  level.inUse += inUse
  level.waiting += waiting
  level.demand.set(level.inUse + level.waiting)
}

/** A request that is wider than its level goes when the level is empty; from a queue without seats none goes. */
function hasRoom({ queues, inUse, current }: Level, seats: number): boolean {
  if (queues !== undefined && inUse >= current) return false
  return seats > current ? inUse === 0 : inUse + seats <= current
}
