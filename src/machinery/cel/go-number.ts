/** Go's strconv.FormatFloat(value, 'g', -1, 64), which %g and %v print: with an exponent below 1e-4 and from 1e6 on. */
export function goFormatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power < -4 || power >= 6) {
    const digits = String(Math.abs(power)).padStart(2, '0')
    return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`
  }
  return plainDecimal(value)
}

/** Go's strconv.FormatFloat(value, 'f', -1, 64): the shortest digits, without exponent. */
export function plainDecimal(value: number): string {
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string]
  const digits = mantissa.replace('.', '')
  const point = Number(exponent) + 1
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Go's strconv.ParseFloat, or undefined. */
export function goParseDouble(text: string): number | undefined {
  const plain = text.replace(/^[+-]/, '').toLowerCase()
  const sign = text.startsWith('-') ? -1 : 1
  if (plain === 'inf' || plain === 'infinity') return sign * Infinity
  if (plain === 'nan') return Number.NaN
  if (plain.startsWith('0x')) return hexDouble(plain, sign)
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? sign * value : undefined
}

function hexDouble(text: string, sign: number): number | undefined {
  const match = /^0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/.exec(text)
  if (match === null || match[1]! + match[2]! === '') return undefined
  const value = Number(BigInt(`0x${match[1]}${match[2]}`)) * 2 ** (Number(match[3]) - 4 * match[2]!.length)
  return Number.isFinite(value) ? sign * value : undefined
}

/** Go's strconv.ParseInt(text, 10, 64), or undefined. */
export function goParseInt(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** Go's strconv.ParseUint(text, 10, 64), or undefined. */
export function goParseUint(text: string): bigint | undefined {
  if (!/^\d+$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asUintN(64, value) === value ? value : undefined
}

/** Go's strconv.FormatFloat(value, 'f', digits, 64) of a finite value: exact, ties to even. */
export function exactFixed(value: number, digits: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> 52n)
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const shift = (exponent === 0 ? 1 : exponent) - 1075
  const scaled = mantissa * 10n ** BigInt(digits)
  const rounded = shift >= 0 ? scaled << BigInt(shift) : shiftRight(scaled, BigInt(-shift))
  const text = String(rounded).padStart(digits + 1, '0')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

function shiftRight(value: bigint, by: bigint): bigint {
  const quotient = value >> by
  const twice = (value - (quotient << by)) << 1n
  const whole = 1n << by
  return twice > whole || (twice === whole && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}
