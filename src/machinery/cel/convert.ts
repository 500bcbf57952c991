import { int64, timestampOverflow, uint64 } from './arithmetic.ts'
import { goFormatDouble, goParseDouble, goParseInt, goParseUint } from './go-number.ts'
import { durationText, inTimestampRange, parseDuration, parseTimestamp, secondsOf, timestampText } from './time-text.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  formatType,
  intType,
  stringType,
  timestampType,
  Type,
  uintType,
} from './type.ts'
import { CelError, Duration, Timestamp, Uint, type Value, valueType } from './value.ts'

/** Conversions between types, in the words of cel-go's ConvertToType. */
function failed(value: Value, to: Type): CelError {
  return new CelError(`type conversion error from '${shown(valueType(value))}' to '${shown(to)}'`)
}
const shown = (type: Type) => (type.params.length === 0 ? type.name : formatType(type))

/** As Go cuts off the fraction; undefined: out of the type's range. */
function truncated(value: number, low: number, high: number): bigint | undefined {
  return value > low && value < high ? BigInt(Math.trunc(value)) : undefined
}

export function toInt(value: Value): Value {
  if (typeof value === 'bigint') return value
  if (value instanceof Uint) return int64(value.value)
  if (typeof value === 'number') {
    const whole = truncated(value, -(2 ** 63), 2 ** 63)
    return whole ?? new CelError('integer overflow')
  }
  if (typeof value === 'string') return goParseInt(value) ?? failed(value, intType)
  if (value instanceof Timestamp) return secondsOf(value)
  return value instanceof Duration ? value.nanos : failed(value, intType)
}

export function toUint(value: Value): Value {
  if (value instanceof Uint) return value
  if (typeof value === 'bigint') return uint64(value)
  if (typeof value === 'number') {
    const whole = truncated(value, -1, 2 ** 64)
    return whole === undefined || value < 0 ? new CelError('unsigned integer overflow') : new Uint(whole)
  }
  if (typeof value === 'string') {
    const parsed = goParseUint(value)
    if (parsed !== undefined) return new Uint(parsed)
  }
  return failed(value, uintType)
}

export function toDouble(value: Value): Value {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint) return Number(value.value)
  return typeof value === 'string' ? (goParseDouble(value) ?? failed(value, doubleType)) : failed(value, doubleType)
}

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])
export function toBool(value: Value): Value {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && trueWords.has(value)) return true
  return typeof value === 'string' && falseWords.has(value) ? false : failed(value, boolType)
}

export function toBytes(value: Value): Value {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : failed(value, bytesType)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
export function toText(value: Value): Value {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'number':
      return goFormatDouble(value)
  }
  if (value === null) return 'null'
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof Type) return value.name
  if (value instanceof Uint8Array) {
    try {
      return utf8.decode(value)
    } catch {
      return new CelError('invalid UTF-8 in bytes, cannot convert to string')
    }
  }
  return failed(value, stringType)
}

export function toTimestamp(value: Value): Value {
  if (value instanceof Timestamp) return value
  if (typeof value === 'bigint')
    return inTimestampRange(value) ? new Timestamp(value * 1_000_000_000n) : timestampOverflow
  const parsed = typeof value === 'string' ? parseTimestamp(value) : undefined
  if (parsed === undefined) return failed(value, timestampType)
  return inTimestampRange(secondsOf(parsed)) ? parsed : timestampOverflow
}

export function toDuration(value: Value): Value {
  if (value instanceof Duration) return value
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? failed(value, durationType)
}
