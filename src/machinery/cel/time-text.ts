import { plainDecimal } from './go-number.ts'
import { Duration, Timestamp } from './value.ts'

const second = 1_000_000_000n
const minSeconds = -62_135_596_800n
const maxSeconds = 253_402_300_799n

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

/** Whether the seconds lie in the years 1 to 9999. */
export function inTimestampRange(seconds: bigint): boolean {
  return seconds >= minSeconds && seconds <= maxSeconds
}
export const secondsOf = ({ nanos }: Timestamp): bigint => floorDivide(nanos, second)

/** RFC 3339 with as many fractional digits as there are. */
export function timestampText(timestamp: Timestamp): string {
  const seconds = secondsOf(timestamp)
  const offset = timestamp.offsetSeconds
  const text = new Date((Number(seconds) + offset) * 1000).toISOString().replace(/\.\d+Z$/, '')
  const fraction = String(timestamp.nanos - seconds * second)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${text}${fraction === '' ? '' : `.${fraction}`}${zoneText(offset)}`
}

function zoneText(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z'
  const minutes = Math.abs(offsetSeconds) / 60
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${offsetSeconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

const layout = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/** Go's time.Parse(time.RFC3339, text), or undefined. May lie out of CEL's range. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = layout.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, secs] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || secs > 59 || month < 1 || month > 12) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(hour, minute, secs)
  const zone = match[8]!
  let offset = 0
  if (zone !== 'Z') {
    const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
    if (hours > 24 || minutes > 60) return undefined
    offset = (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
  const fraction = (match[7] ?? '').padEnd(9, '0').slice(0, 9)
  return new Timestamp(BigInt(date.getTime() / 1000 - offset) * second + BigInt(fraction), offset)
}

/** Seconds in decimals: `3600s`, `0.5s`. */
export function durationText({ nanos }: Duration): string {
  // As Go's Duration.Seconds does: whole seconds and the rest are turned into doubles one by one.
  return `${plainDecimal(Number(nanos / second) + Number(nanos % second) / 1e9)}s`.replace(/^-0s$/, '0s')
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
}

/** Go's time.ParseDuration, exact, or undefined. */
export function parseDuration(text: string): Duration | undefined {
  const negative = text.startsWith('-')
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return new Duration(0n)
  if (rest === '') return undefined
  let nanos = 0n
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)(?![^.\d])/.exec(rest)
    if (match === null || (match[1] === '' && (match[2] ?? '') === '')) return undefined
    const unit = unitNanos[match[3]!]!
    const fraction = match[2] ?? ''
    nanos += BigInt(match[1] || '0') * unit
    if (fraction !== '') nanos += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
    rest = rest.slice(match[0].length)
  }
  if (nanos > 2n ** 63n - (negative ? 0n : 1n)) return undefined
  return new Duration(negative ? -nanos : nanos)
}
