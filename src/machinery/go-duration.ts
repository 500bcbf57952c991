import { goQuote } from './field-error.ts'

/** Durations as Go writes them, `1m30s` (time.ParseDuration, Duration.String). */
const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Nanoseconds; throws Go's error. Exact up to 2^53 ns (104 days), to the microsecond beyond. */
export function parseGoDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (rest === '') throw new Error(`time: invalid duration ${goQuote(text)}`)
  let nanos = 0
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?/.exec(rest)!
    const [number, whole, fraction = ''] = match
    if (whole === '' && fraction === '') throw new Error(`time: invalid duration ${goQuote(text)}`)
    rest = rest.slice(number.length)
    const unit = /^[^.\d]*/.exec(rest)![0]
    if (unit === '') throw new Error(`time: missing unit in duration ${goQuote(text)}`)
    if (!Object.hasOwn(unitNanos, unit)) {
      throw new Error(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`)
    }
    rest = rest.slice(unit.length)
    const scale = unitNanos[unit]!
    nanos += Number(whole || '0') * scale + Math.trunc(Number(fraction || '0') * (scale / 10 ** fraction.length))
    if (nanos > 2 ** 63) throw new Error(`time: invalid duration ${goQuote(text)}`)
  }
  return nanos === 0 ? 0 : sign * nanos
}

/** Go's Duration.String: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatGoDuration(nanos: number): string {
  if (nanos === 0) return '0s'
  const sign = nanos < 0 ? '-' : ''
  const size = Math.abs(nanos)
  if (size < 1e3) return `${sign}${size}ns`
  if (size < 1e6) return `${sign}${decimal(size, 1e3)}µs`
  if (size < 1e9) return `${sign}${decimal(size, 1e6)}ms`
  const hours = Math.floor(size / 3600e9)
  const minutes = Math.floor((size % 3600e9) / 60e9)
  const seconds = decimal(size % 60e9, 1e9)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

/** `size / unit` in plain decimals, without trailing zeros. */
function decimal(size: number, unit: number): string {
  const whole = Math.floor(size / unit)
  const places = Math.round(Math.log10(unit))
  const fraction = String(Math.round(size % unit))
    .padStart(places, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`
}
