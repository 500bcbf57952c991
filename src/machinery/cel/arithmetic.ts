import { concatLists } from './collections.ts'
import { inTimestampRange, floorDivide } from './time-text.ts'
import { CelError, Duration, ListValue, noSuchOverload, Timestamp, Uint, type Value } from './value.ts'

const intOverflow = new CelError('integer overflow')
const uintOverflow = new CelError('unsigned integer overflow')
const durationOverflow = new CelError('duration overflow')
export const timestampOverflow = new CelError('timestamp overflow')
const divisionByZero = new CelError('division by zero')
const modulusByZero = new CelError('modulus by zero')

export const int64 = (value: bigint): Value => (BigInt.asIntN(64, value) === value ? value : intOverflow)
export const uint64 = (value: bigint): Value => (BigInt.asUintN(64, value) === value ? new Uint(value) : uintOverflow)
const duration = (nanos: bigint): Value => (BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : durationOverflow)
const moved = ({ nanos, offsetSeconds }: Timestamp, by: bigint): Value =>
  inTimestampRange(floorDivide(nanos + by, 1_000_000_000n))
    ? new Timestamp(nanos + by, offsetSeconds)
    : timestampOverflow

/** What cel-go answers to a first operand that does not know the operation: those with methods of their own say less. */
function unsupported(left: Value, operator: string): CelError {
  const receiver = typeof left === 'string' || left instanceof Timestamp || left instanceof Duration
  return receiver ? noSuchOverload : new CelError(`no such overload: ${operator}`)
}

export function add(left: Value, right: Value): Value {
  if (typeof left === 'bigint') return typeof right === 'bigint' ? int64(left + right) : noSuchOverload
  if (typeof left === 'string') return typeof right === 'string' ? left + right : noSuchOverload
  if (typeof left === 'number') return typeof right === 'number' ? left + right : noSuchOverload
  if (left instanceof ListValue) return right instanceof ListValue ? concatLists(left, right) : noSuchOverload
  if (left instanceof Uint) return right instanceof Uint ? uint64(left.value + right.value) : noSuchOverload
  if (left instanceof Uint8Array)
    return right instanceof Uint8Array ? new Uint8Array(Buffer.concat([left, right])) : noSuchOverload
  if (left instanceof Duration && right instanceof Duration) return duration(left.nanos + right.nanos)
  if (left instanceof Duration && right instanceof Timestamp) return moved(right, left.nanos)
  if (left instanceof Timestamp && right instanceof Duration) return moved(left, right.nanos)
  return unsupported(left, '_+_')
}

export function subtract(left: Value, right: Value): Value {
  if (typeof left === 'bigint') return typeof right === 'bigint' ? int64(left - right) : noSuchOverload
  if (typeof left === 'number') return typeof right === 'number' ? left - right : noSuchOverload
  if (left instanceof Uint) return right instanceof Uint ? uint64(left.value - right.value) : noSuchOverload
  if (left instanceof Duration && right instanceof Duration) return duration(left.nanos - right.nanos)
  if (left instanceof Timestamp && right instanceof Duration) return moved(left, -right.nanos)
  if (left instanceof Timestamp && right instanceof Timestamp) {
    const nanos = left.nanos - right.nanos
    return BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : intOverflow
  }
  return unsupported(left, '_-_')
}

export function multiply(left: Value, right: Value): Value {
  if (typeof left === 'bigint') return typeof right === 'bigint' ? int64(left * right) : noSuchOverload
  if (typeof left === 'number') return typeof right === 'number' ? left * right : noSuchOverload
  if (left instanceof Uint) return right instanceof Uint ? uint64(left.value * right.value) : noSuchOverload
  return unsupported(left, '_*_')
}

export function divide(left: Value, right: Value): Value {
  if (typeof left === 'number') return typeof right === 'number' ? left / right : noSuchOverload
  if (typeof left === 'bigint') {
    if (typeof right !== 'bigint') return noSuchOverload
    return right === 0n ? divisionByZero : int64(left / right)
  }
  if (left instanceof Uint) {
    if (!(right instanceof Uint)) return noSuchOverload
    return right.value === 0n ? divisionByZero : new Uint(left.value / right.value)
  }
  return unsupported(left, '_/_')
}

export function modulo(left: Value, right: Value): Value {
  if (typeof left === 'bigint') {
    if (typeof right !== 'bigint') return noSuchOverload
    if (right === 0n) return modulusByZero
    // Go's quotient would not fit.
    return right === -1n && left === -(2n ** 63n) ? intOverflow : left % right
  }
  if (left instanceof Uint) {
    if (!(right instanceof Uint)) return noSuchOverload
    return right.value === 0n ? modulusByZero : new Uint(left.value % right.value)
  }
  return unsupported(left, '_%_')
}

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return int64(-value)
  if (typeof value === 'number') return -value
  if (value instanceof Duration) return duration(-value.nanos)
  return typeof value === 'boolean' ? noSuchOverload : unsupported(value, '-_')
}
