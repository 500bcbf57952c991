import type { FunctionDeclaration } from '../function.ts'
import { memberOverload } from '../function.ts'
import { floorDivide } from '../time-text.ts'
import { durationType, intType, stringType, timestampType } from '../type.ts'
import { CelError, type Duration, type Timestamp, type Value } from '../value.ts'

/** Calendar fields of a moment in a zone, as a UTC date that shows the zone's wall clock. */
function wallClock({ nanos }: Timestamp, zone: string): Date | CelError {
  const ms = Number(floorDivide(nanos, 1_000_000n))
  if (zone === 'UTC' || zone === '') return new Date(ms)
  const colon = zone.indexOf(':')
  if (colon < 0) return inNamedZone(ms, zone)
  const hours = parseNumber(zone.slice(0, colon))
  const minutes = parseNumber(zone.slice(colon + 1))
  if (hours instanceof CelError) return hours
  if (minutes instanceof CelError) return minutes
  const offset = zone.startsWith('-') ? hours * 60 - minutes : hours * 60 + minutes
  return new Date(ms + offset * 60_000)
}

function parseNumber(text: string): number | CelError {
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function inNamedZone(ms: number, zone: string): Date | CelError {
  let formatter: Intl.DateTimeFormat
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return new CelError(`unknown time zone ${zone}`)
  }
  const parts = new Map(formatter.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const wall = new Date(0)
  wall.setUTCFullYear(parts.get('year')!, parts.get('month')! - 1, parts.get('day')!)
  wall.setUTCHours(parts.get('hour')!, parts.get('minute')!, parts.get('second')!, ((ms % 1000) + 1000) % 1000)
  return wall
}

function field(
  name: string,
  id: string,
  of: (wall: Date) => number,
  duration?: { id: string; of: (nanos: bigint) => bigint },
  withZone = `${id}_with_tz`,
): FunctionDeclaration {
  const read = (timestamp: Timestamp, zone: string): Value => {
    const wall = wallClock(timestamp, zone)
    return wall instanceof CelError ? wall : BigInt(of(wall))
  }
  return {
    name,
    overloads: [
      memberOverload(id, [timestampType], intType, (timestamp: Timestamp) => read(timestamp, 'UTC')),
      memberOverload(withZone, [timestampType, stringType], intType, read),
      ...(duration === undefined
        ? []
        : [memberOverload(duration.id, [durationType], intType, ({ nanos }: Duration) => duration.of(nanos))]),
    ],
  }
}

const dayOfYear = (wall: Date) => {
  const start = new Date(wall)
  start.setUTCMonth(0, 1)
  return Math.round((wall.getTime() - start.getTime()) / 86_400_000)
}

export const timeFunctions: readonly FunctionDeclaration[] = [
  field('getFullYear', 'timestamp_to_year', (wall) => wall.getUTCFullYear()),
  field('getMonth', 'timestamp_to_month', (wall) => wall.getUTCMonth()),
  field('getDayOfYear', 'timestamp_to_day_of_year', dayOfYear),
  field('getDayOfMonth', 'timestamp_to_day_of_month', (wall) => wall.getUTCDate() - 1),
  field('getDate', 'timestamp_to_day_of_month_1_based', (wall) => wall.getUTCDate()),
  field('getDayOfWeek', 'timestamp_to_day_of_week', (wall) => wall.getUTCDay()),
  field('getHours', 'timestamp_to_hours', (wall) => wall.getUTCHours(), {
    id: 'duration_to_hours',
    of: (nanos) => nanos / 3_600_000_000_000n,
  }),
  field('getMinutes', 'timestamp_to_minutes', (wall) => wall.getUTCMinutes(), {
    id: 'duration_to_minutes',
    of: (nanos) => nanos / 60_000_000_000n,
  }),
  field(
    'getSeconds',
    'timestamp_to_seconds',
    (wall) => wall.getUTCSeconds(),
    { id: 'duration_to_seconds', of: (nanos) => nanos / 1_000_000_000n },
    'timestamp_to_seconds_tz',
  ),
  field('getMilliseconds', 'timestamp_to_milliseconds', (wall) => wall.getUTCMilliseconds(), {
    id: 'duration_to_milliseconds',
    of: (nanos) => nanos / 1_000_000n,
  }),
]
