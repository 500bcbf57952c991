import { CelError, Duration, noSuchOverload, Timestamp, Uint, type Value } from './value.ts'

const unordered = new CelError('NaN values cannot be ordered')

/** -1, 0 or 1; an error where the types have no common order. */
export function compareValues(left: Value, right: Value): number | CelError {
  switch (typeof left) {
    case 'string':
      return typeof right === 'string' ? compareText(left, right) : noSuchOverload
    case 'boolean':
      return typeof right === 'boolean' ? Number(left) - Number(right) : noSuchOverload
    case 'bigint':
      return compareNumbers(left, right)
    case 'number':
      return Number.isNaN(left) ? unordered : compareNumbers(left, right)
  }
  if (left instanceof Uint) return compareNumbers(left.value, right)
  if (left instanceof Uint8Array) return right instanceof Uint8Array ? Buffer.compare(left, right) : noSuchOverload
  if (left instanceof Timestamp) return right instanceof Timestamp ? order(left.nanos, right.nanos) : noSuchOverload
  if (left instanceof Duration) return right instanceof Duration ? order(left.nanos, right.nanos) : noSuchOverload
  return noSuchOverload
}

const order = (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0)

/** An integer and a double are compared as doubles, as cel-go does. */
function compareNumbers(left: bigint | number, other: Value): number | CelError {
  const right = other instanceof Uint ? other.value : other
  if (typeof right !== 'bigint' && typeof right !== 'number') return noSuchOverload
  if (typeof left === typeof right && typeof left === 'bigint') return order(left, right)
  return Number.isNaN(Number(right)) ? unordered : order(Number(left), Number(right))
}

/** By the bytes of UTF-8, which is by code point; UTF-16 differs above the surrogates. */
function compareText(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at)
    const b = right.charCodeAt(at)
    if (a === b) continue
    const surrogates = [a, b].map((unit) => unit >= 0xd800 && unit < 0xe000)
    if (surrogates[0] !== surrogates[1]) return surrogates[0] ? 1 : -1
    return a < b ? -1 : 1
  }
  return left.length < right.length ? -1 : 1
}

/** Whether values of this kind have an order. */
export function isOrdered(value: Value): boolean {
  return (
    (typeof value !== 'object' && value !== undefined) ||
    value instanceof Uint ||
    value instanceof Uint8Array ||
    value instanceof Timestamp ||
    value instanceof Duration
  )
}
