/**
 * Quantities of resources: `100m`, `1.5Gi`, `12e6` (apimachinery pkg/api/resource/quantity.go). Exact decimal arithmetic,
 * no floating point. A value keeps the family of its suffix, and is printed in canonical form: no fraction, the largest
 * suffix that loses nothing. Functions take the text as it stands in an object, or a parsed value.
 */
export interface Quantity {
  /** The value is `digits × 10^scale`. */
  readonly digits: bigint
  readonly scale: number
  readonly format: QuantityFormat
  /** The text that was parsed, when it is canonical already (or upstream takes it for that: `1.500`, `+5`). */
  readonly text?: string
}
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
export type QuantityLike = Quantity | string

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const wrongNumber = 'unable to parse numeric part of quantity'
const wrongSuffix = "unable to parse quantity's suffix"

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = new Map(Object.entries(binaryExponents).map(([suffix, exponent]) => [exponent, suffix]))

const nano = -9
const maxInt64 = 2n ** 63n - 1n
// Beyond any meaning, but a thousand digits are still quick to compute with; upstream has no such bound.
const maxExponent = 1000

export const zeroQuantity: Quantity = { digits: 0n, scale: 0, format: 'DecimalSI', text: '0' }

/** Throws QuantityError. */
export function parseQuantity(text: string): Quantity {
  if (text === '0') return zeroQuantity
  const match = /^([+-]?)0*([0-9]*)(\.[0-9]*)?([eEinumkKMGTP]*[+-]?[0-9]*)$/.exec(text)
  if (!match || text === '') throw new QuantityError(wrongFormat)
  const [, sign, stripped, point, suffix] = match as unknown as [string, string, string, string | undefined, string]
  const whole = stripped === '' ? '0' : stripped
  const fraction = point === undefined ? '' : point.slice(1)
  const { base, exponent, format } = interpretSuffix(suffix)
  // No digit at all is zero upstream, unless its slow way for long or fractional binary numbers is taken.
  const bare = stripped === '' && fraction === '' && !/0/.test(text.slice(0, text.length - suffix.length))
  const magnitude = BigInt(whole + fraction)
  const fast = fastPath(format, exponent, whole.length, fraction.length)
  if (!fast && bare) throw new QuantityError(wrongNumber)
  const digits = sign === '-' ? -magnitude : magnitude
  if (fast) return fastQuantity(text, digits, whole + fraction, exponent, fraction.length, format)
  return cappedQuantity(digits, base, exponent, fraction.length, format)
}

function interpretSuffix(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = Object.hasOwn(decimalExponents, suffix) ? decimalExponents[suffix] : undefined
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = Object.hasOwn(binaryExponents, suffix) ? binaryExponents[suffix] : undefined
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' }
  if (/^[eE][+-]?[0-9]+$/.test(suffix)) {
    const exponent = Number(suffix.slice(1))
    if (Math.abs(exponent) <= maxExponent) return { base: 10, exponent, format: 'DecimalExponent' }
  }
  throw new QuantityError(wrongSuffix)
}

/** Whether upstream computes in int64; decides when a text is kept as it is. */
function fastPath(format: QuantityFormat, exponent: number, whole: number, fraction: number): boolean {
  if (format !== 'BinarySI') return 18 - whole - fraction >= 0 && exponent - fraction >= nano
  return fraction === 0 && 15 - whole - Math.trunc((exponent * 3) / 10) - 1 >= 0
}

function fastQuantity(
  text: string,
  digits: bigint,
  shifted: string,
  exponent: number,
  fraction: number,
  format: QuantityFormat,
): Quantity {
  if (format === 'BinarySI') {
    const value = digits << BigInt(exponent)
    const canonical = (digits & 7n) !== 0n
    return { digits: value, scale: 0, format, text: canonical ? text : undefined }
  }
  const scale = exponent - fraction
  const canonical = scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
  return { digits, scale, format, text: canonical ? text : undefined }
}

function cappedQuantity(
  signed: bigint,
  base: 2 | 10,
  exponent: number,
  fraction: number,
  format: QuantityFormat,
): Quantity {
  const negative = signed < 0n
  let digits = negative ? -signed : signed
  let scale = -fraction
  if (base === 10) scale += exponent
  else digits <<= BigInt(exponent)
  if (scale < nano && digits !== 0n) {
    digits = divideUp(digits, nano - scale)
    scale = nano
  }
  let result = format
  if (format === 'BinarySI') {
    if (compareScaled(digits, scale, maxInt64, 0) > 0) {
      digits = maxInt64
      scale = 0
    }
    if (digits !== 0n && compareScaled(digits, scale, 1n, 0) < 0) result = 'DecimalSI'
  }
  return { digits: negative ? -digits : digits, scale, format: result }
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent)

/** `digits / 10^places`, rounded away from zero. */
function divideUp(digits: bigint, places: number): bigint {
  if (places <= 0) return digits * power(-places)
  const divisor = power(places)
  const quotient = digits / divisor
  if (quotient * divisor === digits) return quotient
  return digits < 0n ? quotient - 1n : quotient + 1n
}

function compareScaled(a: bigint, aScale: number, b: bigint, bScale: number): number {
  const scale = Math.min(aScale, bScale)
  const left = aScale === scale ? a : a * power(aScale - scale)
  const right = bScale === scale ? b : b * power(bScale - scale)
  return left < right ? -1 : left > right ? 1 : 0
}

const parsed = (quantity: QuantityLike): Quantity => (typeof quantity === 'string' ? parseQuantity(quantity) : quantity)

/** The canonical text: `1.5` → `1500m`, `1024Mi` → `1Gi`. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  const { digits, scale } = quantity
  if (digits === 0n) return '0'
  if (quantity.format === 'BinarySI' && compareScaled(digits < 0n ? -digits : digits, scale, 1024n, 0) >= 0) {
    const whole = divideUp(digits, -scale)
    if (compareScaled(whole, 0, digits, scale) === 0) return formatBinary(whole)
  }
  return formatDecimal(digits, scale, quantity.format === 'DecimalExponent')
}

function formatBinary(value: bigint): string {
  let amount = value
  let exponent = 0
  while (amount % 1024n === 0n) {
    amount /= 1024n
    exponent += 10
  }
  return `${amount}${binarySuffixes.get(exponent) ?? ''}`
}

function formatDecimal(digits: bigint, scale: number, asExponent: boolean): string {
  let amount = digits
  let exponent = scale
  while (amount % 10n === 0n) {
    amount /= 10n
    exponent++
  }
  while (exponent % 3 !== 0) {
    amount *= 10n
    exponent--
  }
  if (asExponent) return exponent === 0 ? `${amount}` : `${amount}e${exponent}`
  return `${amount}${decimalSuffixes.get(exponent) ?? ''}`
}

/** The canonical form of a text; throws QuantityError. */
export function canonicalQuantity(text: string): string {
  // By far the most texts are short and canonical.
  const match = /^([1-9][0-9]{0,5})(m|Ki|Mi|Gi|k|M|G)?$/.exec(text)
  if (match) {
    const [, digits, suffix = ''] = match as unknown as [string, string, string?]
    if (suffix.endsWith('i') ? Number(digits) % 1024 !== 0 : !digits.endsWith('000')) return text
  }
  return formatQuantity(parseQuantity(text))
}

/** -1, 0 or 1. */
export function compareQuantities(a: QuantityLike, b: QuantityLike): number {
  const left = parsed(a)
  const right = parsed(b)
  return compareScaled(left.digits, left.scale, right.digits, right.scale)
}

export function equalQuantities(a: QuantityLike, b: QuantityLike): boolean {
  return a === b || compareQuantities(a, b) === 0
}

/** -1, 0 or 1: below, at or above zero. */
export function quantitySign(quantity: QuantityLike): number {
  const { digits } = parsed(quantity)
  return digits < 0n ? -1 : digits > 0n ? 1 : 0
}

/** The sum, in the format of `a`, or of `b` when `a` is zero. */
export function addQuantities(a: QuantityLike, b: QuantityLike): Quantity {
  const left = parsed(a)
  const right = parsed(b)
  const scale = Math.min(left.scale, right.scale)
  const digits = left.digits * power(left.scale - scale) + right.digits * power(right.scale - scale)
  return { digits, scale, format: left.digits === 0n ? right.format : left.format }
}

/** The difference, in the format of `a`, or of `b` when `a` is zero. */
export function subtractQuantities(a: QuantityLike, b: QuantityLike): Quantity {
  return addQuantities(a, negateQuantity(b))
}

export function negateQuantity(quantity: QuantityLike): Quantity {
  const { digits, scale, format } = parsed(quantity)
  return { digits: -digits, scale, format }
}

/** `factor` is an integer. */
export function multiplyQuantity(quantity: QuantityLike, factor: number | bigint): Quantity {
  const { digits, scale, format } = parsed(quantity)
  return { digits: digits * BigInt(factor), scale, format }
}

/** How many units of `10^scale` it is, rounded away from zero: `quantityScaled('1500m', 0)` is 2. */
export function quantityScaled(quantity: QuantityLike, scale: number): bigint {
  const value = parsed(quantity)
  return divideUp(value.digits, scale - value.scale)
}

/** The value in whole units (bytes, cores), rounded away from zero; exact up to 2^53. */
export function quantityValue(quantity: QuantityLike): number {
  return Number(quantityScaled(quantity, 0))
}

/** The value in thousandths (millicores), rounded away from zero; exact up to 2^53. */
export function quantityMilliValue(quantity: QuantityLike): number {
  return Number(quantityScaled(quantity, -3))
}

/** A whole number of units as a quantity: `quantityOf(1536 * 1024, 'BinarySI')` prints as `1536Ki`. */
export function quantityOf(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { digits: BigInt(value), scale: 0, format }
}

/** Thousandths as a quantity: `milliQuantityOf(1500)` prints as `1500m`. */
export function milliQuantityOf(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { digits: BigInt(value), scale: -3, format }
}
