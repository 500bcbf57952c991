/** Civil time in a time zone, with the rules of Go's package time. */
export interface TimeZone {
  /** Milliseconds east of UTC at a moment (epoch ms). */
  offsetAt(epochMs: number): number
}

export interface CivilTime {
  readonly year: number
  /** 1 … 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0: Sunday */
  readonly weekday: number
}

export const utc: TimeZone = { offsetAt: () => 0 }

/** A zone of the IANA database by name; '' and UTC: UTC. Throws `unknown time zone …`, as Go's LoadLocation. */
export function loadTimeZone(name: string): TimeZone {
  if (name === '' || name === 'UTC') return utc
  // An offset is no name there.
  if (!/^[A-Za-z]/.test(name)) throw new Error(`unknown time zone ${name}`)
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch (error) {
    throw new Error(`unknown time zone ${name}`, { cause: error })
  }
  return {
    offsetAt: (epochMs) =>
      Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO(name).offsetNanoseconds / 1e6,
  }
}

export function civilTime(epochMs: number, zone: TimeZone): CivilTime {
  const local = new Date(epochMs + zone.offsetAt(epochMs))
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
  }
}

/** The moment of a civil time; members beyond their range carry over. A time that a clock change skips is one of the two that Go gives. */
export function momentOf(
  {
    year,
    month,
    day,
    hour = 0,
    minute = 0,
    second = 0,
  }: Partial<CivilTime> & { year: number; month: number; day: number },
  zone: TimeZone,
): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second)
  return asUtc - zone.offsetAt(asUtc - zone.offsetAt(asUtc))
}

/** RFC 3339 with the zone's offset: `2026-01-01T01:00:00+01:00`. */
export function formatZoned(epochMs: number, zone: TimeZone): string {
  const offsetMinutes = Math.trunc(zone.offsetAt(epochMs) / 60_000)
  const local = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, 19)
  if (offsetMinutes === 0) return `${local}Z`
  const two = (value: number) => String(value).padStart(2, '0')
  const absolute = Math.abs(offsetMinutes)
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}
