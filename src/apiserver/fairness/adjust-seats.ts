import type { Demand } from './seat-demand.ts'
import { shareSeats, type SeatWish } from './share-seats.ts'

/** What counts of a level when seats are shifted between levels. */
export interface SharingLevel {
  readonly exempt: boolean
  readonly nominal: number
  /** What it never goes below, and never above. */
  readonly lower: number
  readonly upper: number
  /** What it has had until now. */
  readonly current: number
  readonly demand: Demand
}

export interface AdjustedLevel {
  readonly current: number
  readonly target: number
}

/**
 * How many seats each level has until the next look: what one does not need another may have (updateBorrowingLocked,
 * apiserver pkg/util/flowcontrol/apf_controller.go). In the order of the levels.
 */
export function adjustSeats(levels: readonly SharingLevel[]): {
  readonly levels: readonly AdjustedLevel[]
  readonly fairFraction: number
} {
  const limited = levels.filter(({ exempt }) => !exempt)
  const needed = (level: SharingLevel) =>
    level.exempt
      ? Math.max(level.lower, level.demand.highWatermark)
      : Math.max(level.lower, Math.min(level.nominal, level.demand.highWatermark))
  const wish = (level: SharingLevel): SeatWish => ({
    lower: needed(level),
    upper: level.upper,
    target: Math.max(needed(level), level.demand.smoothed),
  })
  const sum = (of: readonly SharingLevel[], read: (level: SharingLevel) => number) =>
    of.reduce((total, level) => total + read(level), 0)
  const all = sum(levels, ({ nominal }) => nominal)
  const left =
    all -
    sum(
      levels.filter(({ exempt }) => exempt),
      needed,
    )
  const lowest = sum(limited, ({ lower }) => lower)
  const wanted = sum(limited, needed)

  let current: (level: SharingLevel) => number
  let fairFraction = 0
  if (left <= lowest) current = ({ lower }) => lower
  else if (left <= wanted) {
    const share = (left - lowest) / (wanted - lowest)
    current = (level) => level.lower + Math.round((needed(level) - level.lower) * share)
  } else {
    const shared = shareSeats(all, limited.map(wish))
    fairFraction = shared?.fraction ?? 0
    const seats = new Map(limited.map((level, index) => [level, shared?.seats[index] ?? level.current]))
    current = (level) => Math.round(seats.get(level) ?? level.current)
  }
  return {
    levels: levels.map((level) => ({
      current: level.exempt ? needed(level) : current(level),
      target: level.exempt ? 0 : wish(level).target,
    })),
    fairFraction,
  }
}
