/** What an unquoted YAML scalar means to go-yaml v2 (resolve.go): YAML 1.1's booleans and octals, dates as strings. */
export type Resolved =
  | { readonly tag: 'str'; readonly value: string }
  | { readonly tag: 'bool'; readonly value: boolean }
  | { readonly tag: 'null'; readonly value: null }
  | { readonly tag: 'int' | 'float'; readonly value: number }
  /** Read as a string, but quoted when written. */
  | { readonly tag: 'timestamp'; readonly value: string }

const words = new Map<string, Resolved>()
const add = (resolved: Resolved, ...texts: string[]) => {
  for (const text of texts) words.set(text, resolved)
}
add({ tag: 'bool', value: true }, 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON')
add({ tag: 'bool', value: false }, 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF')
add({ tag: 'null', value: null }, '', '~', 'null', 'Null', 'NULL')
add({ tag: 'float', value: Number.NaN }, '.nan', '.NaN', '.NAN')
add({ tag: 'float', value: Number.POSITIVE_INFINITY }, '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF')
add({ tag: 'float', value: Number.NEGATIVE_INFINITY }, '-.inf', '-.Inf', '-.INF')

const longestWord = Math.max(...[...words.keys()].map(({ length }) => length))
/** A sign, a point or a digit. */
const isNumeric = (code: number) => code === 0x2b || code === 0x2d || code === 0x2e || (code >= 0x30 && code <= 0x39)

/** Most numbers, which a double holds. */
const plainInteger = /^(?:0|-?[1-9][0-9]{0,14})$/
const maySpeak = /^[yYnNtTfFoO~+\-0-9.]/
const integer = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const pointFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)?$/
const timestamp =
  /^\d{4}-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d))|(?: +(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?$/

export function resolveScalar(text: string): Resolved {
  if (text.length > longestWord) {
    if (!isNumeric(text.charCodeAt(0))) return { tag: 'str', value: text }
  } else {
    const word = words.get(text)
    if (word) return word
  }
  if (plainInteger.test(text)) return { tag: 'int', value: Number(text) }
  if (!maySpeak.test(text)) return { tag: 'str', value: text }
  if (text.startsWith('.')) {
    return pointFloat.test(text) ? floatOr(text, text.replaceAll('_', '')) : { tag: 'str', value: text }
  }
  if (!/^[+\-0-9]/.test(text)) return { tag: 'str', value: text }
  if (isTimestamp(text)) return { tag: 'timestamp', value: text }
  const plain = text.replaceAll('_', '')
  if (integer.test(plain)) {
    const value = integerOf(plain)
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return { tag: 'int', value: Number(value) }
  }
  return float.test(plain) ? floatOr(text, plain) : { tag: 'str', value: text }
}

/** What is beyond a double's range is no number to Go. */
function floatOr(text: string, digits: string): Resolved {
  const value = Number(digits)
  return Number.isFinite(value) ? { tag: 'float', value } : { tag: 'str', value: text }
}

function integerOf(text: string): bigint {
  const negative = text.startsWith('-')
  let digits = text.replace(/^[+-]/, '')
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`
  const value = BigInt(digits)
  return negative ? -value : value
}

function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text)
  if (!match) return false
  const part = (at: number, other: number) => Number(match[at] ?? match[other] ?? 0)
  const [year, month, day] = [Number(text.slice(0, 4)), Number(match[1]), Number(match[2])]
  if (month < 1 || month > 12 || day < 1) return false
  // The last day of the month: day 0 of the next one.
  const date = new Date(0)
  date.setUTCFullYear(year, month, 0)
  return day <= date.getUTCDate() && part(3, 6) < 24 && part(4, 7) < 60 && part(5, 8) < 60
}
