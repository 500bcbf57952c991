import { ArrayList } from '../collections.ts'
import type { Library } from '../environment.ts'
import { formatValue } from '../format-value.ts'
import { memberOverload, overload } from '../function.ts'
import { dynType, intType, listOf, stringType } from '../type.ts'
import { CelError, type ListValue, type Value } from '../value.ts'
import { formatCheck, formatText } from './format-text.ts'

const stringList = listOf(stringType)
const outOfRange = (index: bigint) => new CelError(`index out of range: ${index}`)
const texts = (items: readonly string[]) => new ArrayList(items)

function charAt(text: string, index: bigint): Value {
  const chars = Array.from(text)
  if (index < 0n || index > BigInt(chars.length)) return outOfRange(index)
  return chars[Number(index)] ?? ''
}

function indexOf(text: string, part: string, offset = 0n): Value {
  if (offset < 0n) return outOfRange(offset)
  const chars = Array.from(text)
  if (part === '') return offset > BigInt(chars.length) ? BigInt(chars.length) : offset
  const wanted = Array.from(part)
  for (let at = Number(offset); at <= chars.length - wanted.length; at++)
    if (wanted.every((char, index) => chars[at + index] === char)) return BigInt(at)
  return -1n
}

function lastIndexOf(text: string, part: string, offset?: bigint): Value {
  const chars = Array.from(text)
  if (offset === undefined && part === '') return BigInt(chars.length)
  if (offset === undefined && Buffer.byteLength(text) < Buffer.byteLength(part)) return -1n
  const from = offset ?? BigInt(chars.length - 1)
  if (from < 0n) return outOfRange(from)
  if (part === '') return from > BigInt(chars.length) ? BigInt(chars.length) : from
  if (from >= BigInt(chars.length)) return -1n
  const wanted = Array.from(part)
  for (let at = Math.min(Number(from), chars.length - wanted.length); at >= 0; at--)
    if (wanted.every((char, index) => chars[at + index] === char)) return BigInt(at)
  return -1n
}

const lowerAscii = (text: string) => text.replace(/[A-Z]/g, (char) => char.toLowerCase())
const upperAscii = (text: string) => text.replace(/[a-z]/g, (char) => char.toUpperCase())

/** At most `limit` replacements; negative: all. */
function replace(text: string, old: string, by: string, limit = -1n): string {
  if (limit < 0n && old !== '') return text.replaceAll(old, () => by)
  if (limit === 0n) return text
  const parts = old === '' ? ['', ...Array.from(text)] : text.split(old)
  const gaps = old === '' ? parts.length : parts.length - 1
  const count = limit < 0n || limit > BigInt(gaps) ? gaps : Number(limit)
  if (old === '') return parts.map((part, index) => part + (index < count ? by : '')).join('')
  return (
    parts.slice(0, count + 1).join(by) +
    parts
      .slice(count + 1)
      .map((part) => old + part)
      .join('')
  )
}

/** At most `limit` parts, the last with the rest; negative: all. */
function split(text: string, separator: string, limit = -1n): Value {
  if (limit === 0n) return texts([])
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  if (limit < 0n || limit >= BigInt(parts.length)) return texts(parts)
  const kept = Number(limit) - 1
  return texts([...parts.slice(0, kept), parts.slice(kept).join(separator)])
}

function substring(text: string, start: bigint, end?: bigint): Value {
  const chars = Array.from(text)
  const size = BigInt(chars.length)
  if (end !== undefined && start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`)
  if (start < 0n || start > size) return outOfRange(start)
  if (end !== undefined && end > size) return outOfRange(end)
  return chars.slice(Number(start), end === undefined ? undefined : Number(end)).join('')
}

/** Go's unicode.IsSpace. */
const space = '[\\t\\n\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const edges = new RegExp(`^${space}|${space}$`, 'g')
const trim = (text: string) => text.replace(edges, '')

function join(list: ListValue, separator = ''): Value {
  const parts: string[] = []
  for (const item of list) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${formatValue(item)}`)
    parts.push(item)
  }
  return parts.join(separator)
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}
const quote = (text: string) => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => escapes[char]!)}"`

/** What cel-go's ext/strings.go brings in version 2. */
export const stringLibrary: Library = {
  checks: [formatCheck],
  functions: [
    { name: 'charAt', overloads: [memberOverload('string_char_at_int', [stringType, intType], stringType, charAt)] },
    {
      name: 'indexOf',
      overloads: [
        memberOverload('string_index_of_string', [stringType, stringType], intType, indexOf),
        memberOverload('string_index_of_string_int', [stringType, stringType, intType], intType, indexOf),
      ],
    },
    {
      name: 'lastIndexOf',
      overloads: [
        memberOverload('string_last_index_of_string', [stringType, stringType], intType, lastIndexOf),
        memberOverload('string_last_index_of_string_int', [stringType, stringType, intType], intType, lastIndexOf),
      ],
    },
    { name: 'lowerAscii', overloads: [memberOverload('string_lower_ascii', [stringType], stringType, lowerAscii)] },
    {
      name: 'replace',
      overloads: [
        memberOverload('string_replace_string_string', [stringType, stringType, stringType], stringType, replace),
        memberOverload(
          'string_replace_string_string_int',
          [stringType, stringType, stringType, intType],
          stringType,
          replace,
        ),
      ],
    },
    {
      name: 'split',
      overloads: [
        memberOverload('string_split_string', [stringType, stringType], stringList, split),
        memberOverload('string_split_string_int', [stringType, stringType, intType], stringList, split),
      ],
    },
    {
      name: 'substring',
      overloads: [
        memberOverload('string_substring_int', [stringType, intType], stringType, substring),
        memberOverload('string_substring_int_int', [stringType, intType, intType], stringType, substring),
      ],
    },
    { name: 'trim', overloads: [memberOverload('string_trim', [stringType], stringType, trim)] },
    { name: 'upperAscii', overloads: [memberOverload('string_upper_ascii', [stringType], stringType, upperAscii)] },
    {
      name: 'format',
      overloads: [memberOverload('string_format', [stringType, listOf(dynType)], stringType, formatText)],
    },
    { name: 'strings.quote', overloads: [overload('strings_quote', [stringType], stringType, quote)] },
    {
      name: 'join',
      overloads: [
        memberOverload('list_join', [stringList], stringType, join),
        memberOverload('list_join_string', [stringList, stringType], stringType, join),
      ],
    },
  ],
}
