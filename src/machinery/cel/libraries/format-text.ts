import { goQuote } from '../../field-error.ts'
import { walk } from '../ast-checks.ts'
import type { AstCheck } from '../environment.ts'
import { toDouble, toText } from '../convert.ts'
import type { Expr } from '../expression.ts'
import { exactFixed } from '../go-number.ts'
import type { Type } from '../type.ts'
import { CelError, ListValue, MapValue, Timestamp, Duration, Uint, type Value, valueType } from '../value.ts'

/** Something cannot be formatted; `id` is the argument's expression, where that is known. */
class FormatError extends Error {
  readonly id: number | undefined
  constructor(message: string, id?: number) {
    super(message)
    this.id = id
  }
}

/** One `%` of a format, without its precision: how error texts name it and what it takes. */
type Clause = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o'
const wanted: Record<Clause, string> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
}
const unfit = (clause: Clause, given: string, id?: number) =>
  new FormatError(`error during formatting: ${wanted[clause]}, was given ${given}`, id)
const unparsed = (why: string) => new FormatError(`could not parse formatting clause: ${why}`)

type Write = (clause: Clause, precision: number | undefined, index: number) => string

/** Walks through a format; `write` gives what stands for each clause. Returns the text and how many it has. */
function expand(format: string, arguments_: number, write: Write): { text: string; used: number } {
  let text = ''
  let used = 0
  for (let at = 0; at < format.length; ) {
    if (format[at] !== '%') {
      text += format[at++]
      continue
    }
    if (format[at + 1] === '%') {
      text += '%'
      at += 2
      continue
    }
    if (at + 1 >= format.length && used < arguments_) throw new FormatError('unexpected end of string')
    if (used >= arguments_) throw new FormatError(`index ${used} out of range`)
    at++
    let precision: number | undefined
    if (format[at] === '.') {
      const digits = /^\d*/.exec(format.slice(at + 1))![0]
      at += 1 + digits.length
      if (at >= format.length)
        throw unparsed('error while parsing precision: could not find end of precision specifier')
      if (digits === '')
        throw unparsed(
          'error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
        )
      precision = Number(digits)
    }
    const clause = format[at]!
    if (!Object.hasOwn(wanted, clause)) throw unparsed(`unrecognized formatting clause "${clause}"`)
    text += write(clause as Clause, precision, used)
    at++
    used++
  }
  return { text, used }
}

/** `'%d of %s'.format([1, 'x'])`: the text, or an error (cel-go ext/formatting.go, locale en_US). */
export function formatText(format: string, args: ListValue): Value {
  try {
    return expand(format, args.size, (clause, precision, index) => writeClause(clause, precision, args.at(index))).text
  } catch (error) {
    if (error instanceof FormatError) return new CelError(error.message)
    throw error
  }
}

function writeClause(clause: Clause, precision: number | undefined, value: Value): string {
  switch (clause) {
    case 's':
      return plain(value)
    case 'd':
      return String(integer(clause, value))
    case 'f':
      return fixed(double(clause, value), precision ?? 6)
    case 'e':
      return scientific(double(clause, value)).padStart(precision ?? 6)
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : integer(clause, value).toString(2)
    case 'o':
      return integer(clause, value).toString(8)
    default: {
      const hex =
        typeof value === 'string' || value instanceof Uint8Array
          ? Buffer.from(value as string).toString('hex')
          : integer(clause, value).toString(16)
      return clause === 'X' ? hex.toUpperCase() : hex
    }
  }
}

function integer(clause: Clause, value: Value): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Uint) return value.value
  throw unfit(clause, valueType(value).name)
}
function double(clause: Clause, value: Value): number {
  const special = typeof value === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value)
  if (typeof value !== 'number' && !special) throw unfit(clause, valueType(value).name)
  return toDouble(value) as number
}

const infinite = (value: number) => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞')
function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return infinite(value)
  const [whole, fraction] = exactFixed(value, digits).split('.')
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
const superscripts: Readonly<Record<string, string>> = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴' }
function scientific(value: number): string {
  if (!Number.isFinite(value)) return infinite(value)
  const [mantissa, exponent] = value.toExponential(6).split('e') as [string, string]
  const power = (exponent.startsWith('-') ? '-' : '') + exponent.replace(/^[+-]/, '').padStart(2, '0')
  const raised = [...power].map((char) => superscripts[char] ?? String.fromCharCode(0x2070 + Number(char)))
  return `${mantissa}×10${raised.join('')}`
}

/** `%s`. */
function plain(value: Value): string {
  if (value instanceof ListValue) return `[${[...value].map(literal).join(', ')}]`
  if (value instanceof MapValue) return mapText(value)
  if (value === null) return 'null'
  const text = toText(value)
  if (typeof text === 'string') return text
  if (value instanceof Uint8Array)
    throw new FormatError(
      `error during formatting: could not convert argument ${goQuote((text as CelError).message)} to string`,
    )
  throw unfit('s', valueType(value).name)
}

function mapText(map: MapValue): string {
  const entries = [...map.keys()].map((key) => {
    if (!['string', 'boolean', 'bigint'].includes(typeof key) && !(key instanceof Uint))
      throw new FormatError(
        `error during formatting: no formatting function for map key of type ${valueType(key).name}`,
      )
    return [literal(key), literal(map.find(key) ?? null)] as const
  })
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`
}

/** A value within a list or map, as CEL would write it. */
function literal(value: Value): string {
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') {
    const text = Number.isNaN(value) ? 'NaN' : value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : undefined
    return text === undefined ? exactFixed(value, 6) : goQuote(text)
  }
  if (value instanceof Uint8Array) return `b${goQuote(plain(value))}`
  if (value instanceof Timestamp) return `timestamp(${goQuote(plain(value))})`
  if (value instanceof Duration) return `duration(${goQuote(plain(value))})`
  try {
    return plain(value)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FormatError(`error during formatting: no formatting function for ${valueType(value).name}`)
  }
}

const kinds: Record<Clause, readonly string[]> = {
  s: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
}

/** A literal format with a literal list must agree with it. */
export const formatCheck: AstCheck = ({ expr, types, references }, _environment, report) => {
  for (const [call] of walk(expr)) {
    const { node } = call
    if (node.kind !== 'call' || node.function !== 'format' || node.target?.node.kind !== 'literal') continue
    const format = node.target.node.value
    const list = node.args[0]?.node
    if (typeof format !== 'string' || node.args.length !== 1 || list?.kind !== 'list') continue
    if (references.get(call.id)?.overloads.includes('string_format') === false) continue
    try {
      const { used } = expand(format, list.elements.length, (clause, _precision, index) => {
        const wrong = misfit(list.elements[index]!, clause, types)
        if (wrong !== undefined) throw unfit(clause, types.get(wrong)!.name, wrong)
        return ''
      })
      if (list.elements.length > used)
        report(call.id, `too many arguments supplied to string.format (expected ${used}, got ${list.elements.length})`)
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      report(error.id ?? call.id, error.message)
    }
  }
}

/** The id of the argument, or of a part of it, that a clause does not take. */
function misfit(arg: Expr, clause: Clause, types: ReadonlyMap<number, Type>): number | undefined {
  const { kind } = types.get(arg.id)!
  if (kind !== 'dyn' && !kinds[clause].includes(kind)) return arg.id
  if (clause !== 's') return undefined
  const parts =
    arg.node.kind === 'list'
      ? arg.node.elements
      : arg.node.kind === 'map'
        ? arg.node.entries.flatMap(({ key, value }) => [key, value])
        : []
  for (const part of parts) {
    const wrong = misfit(part, clause, types)
    if (wrong !== undefined) return wrong
  }
  return undefined
}
