import { civilTime, momentOf, type TimeZone } from './zoned-time.ts'

/** Tells when something is due. */
export interface Schedule {
  /** The first moment after `epochMs`, in epoch ms; undefined: none within five years. */
  next(epochMs: number): number | undefined
}

export interface Field {
  readonly values: ReadonlySet<number>
  /** It was `*` or `?`, so that it does not restrict. */
  readonly star: boolean
}

export interface Fields {
  readonly minute: Field
  readonly hour: Field
  readonly day: Field
  readonly month: Field
  readonly weekday: Field
}

/** Every so often, counted from the moment that is asked about; at least a second, whole seconds. */
export function everySchedule(delayMs: number): Schedule {
  const delay = Math.max(1000, Math.floor(delayMs / 1000) * 1000)
  return { next: (epochMs) => Math.floor(epochMs / 1000) * 1000 + delay }
}

/**
 * Moves forward field by field until all match, month first; whatever wraps around begins again
 * (github.com/robfig/cron/v3 spec.go Next). Hours that a clock change skips are skipped, those that it repeats come twice.
 */
export function fieldSchedule(fields: Fields, zone: TimeZone): Schedule {
  const { minute, hour, day, month, weekday } = fields
  const dayMatches = (time: ReturnType<typeof civilTime>) => {
    const [byDay, byWeekday] = [day.values.has(time.day), weekday.values.has(time.weekday)]
    return day.star || weekday.star ? byDay && byWeekday : byDay || byWeekday
  }
  return {
    next(epochMs) {
      let moment = Math.floor(epochMs / 1000) * 1000 + 1000
      const lastYear = civilTime(moment, zone).year + 5
      // Once a field has moved, those below it begin at their least.
      let moved = false
      const floor = (to: () => number) => {
        if (!moved) moment = to()
        moved = true
      }
      wrap: for (;;) {
        let time = civilTime(moment, zone)
        if (time.year > lastYear) return undefined
        for (; !month.values.has(time.month); time = civilTime(moment, zone)) {
          const { year, month: current } = time
          floor(() => momentOf({ year, month: current, day: 1 }, zone))
          moment = nextCivil(moment, zone, { months: 1 })
          if (civilTime(moment, zone).month === 1) continue wrap
        }
        for (; !dayMatches(time); time = civilTime(moment, zone)) {
          const { year, month: current, day: today } = time
          floor(() => momentOf({ year, month: current, day: today }, zone))
          moment = nextCivil(moment, zone, { days: 1 })
          // Midnight may not exist on that day.
          const shifted = civilTime(moment, zone).hour
          if (shifted !== 0) moment += (shifted > 12 ? 24 - shifted : -shifted) * 3_600_000
          if (civilTime(moment, zone).day === 1) continue wrap
        }
        for (; !hour.values.has(time.hour); time = civilTime(moment, zone)) {
          const { year, month: current, day: today, hour: now } = time
          floor(() => momentOf({ year, month: current, day: today, hour: now }, zone))
          moment += 3_600_000
          if (civilTime(moment, zone).hour === 0) continue wrap
        }
        for (; !minute.values.has(time.minute); time = civilTime(moment, zone)) {
          floor(() => Math.floor(moment / 60_000) * 60_000)
          moment += 60_000
          if (civilTime(moment, zone).minute === 0) continue wrap
        }
        for (; time.second !== 0; time = civilTime(moment, zone)) {
          moved = true
          moment += 1000
          if (civilTime(moment, zone).second === 0) continue wrap
        }
        return moment
      }
    },
  }
}

function nextCivil(
  moment: number,
  zone: TimeZone,
  { months = 0, days = 0 }: { months?: number; days?: number },
): number {
  const { year, month, day, hour, minute, second } = civilTime(moment, zone)
  return momentOf({ year, month: month + months, day: day + days, hour, minute, second }, zone)
}
