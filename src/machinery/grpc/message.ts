/**
 * proto3 on the wire, from tables: a message is declared once, as its fields with their numbers, and its encoder,
 * decoder and type follow. 64-bit numbers are JavaScript numbers (exact to 2^53: revisions, times and sizes fit).
 */
type ScalarName = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32' | 'int64' | 'double' | 'fixed64'
interface ScalarTypes {
  string: string
  bytes: Uint8Array
  bool: boolean
  int32: number
  uint32: number
  int64: number
  double: number
  fixed64: bigint
}
type Label = 'single' | 'repeated' | 'map' | 'wrapped'

interface FieldTable<Output = unknown, Input = unknown> {
  readonly number: number
  readonly label: Label
  readonly type: ScalarName | Message
  readonly __output?: Output
  readonly __input?: Input
}
type Fields = Readonly<Record<string, FieldTable>>
type OutputOf<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends FieldTable<infer O> ? O : never }
type InputOf<F extends Fields> = {
  readonly [Name in keyof F]?: F[Name] extends FieldTable<unknown, infer I> ? I : never
}

export interface Message<Output = unknown, Input = unknown> {
  readonly fields: ReadonlyMap<number, readonly [string, FieldTable]>
  encode(value: Input): Buffer
  decode(bytes: Uint8Array): Output
}
/** What decoding gives: scalars have their zero value when absent, messages are undefined. */
export type Decoded<M> = M extends Message<infer Output> ? Output : never
/** What encoding takes: everything may be left out. */
export type Encodable<M> = M extends Message<unknown, infer Input> ? Input : never

const scalar =
  <Name extends ScalarName>(type: Name) =>
  (number: number): FieldTable<ScalarTypes[Name], ScalarTypes[Name] | undefined> => ({ number, label: 'single', type })

export const string = scalar('string')
export const bytes = scalar('bytes')
export const bool = scalar('bool')
export const int32 = scalar('int32')
export const uint32 = scalar('uint32')
export const int64 = scalar('int64')
export const double = scalar('double')
/** Exact, e.g. nanoseconds since 1970. */
export const fixed64 = scalar('fixed64')
export const list = <Name extends ScalarName>(
  number: number,
  type: Name,
): FieldTable<readonly ScalarTypes[Name][], readonly ScalarTypes[Name][] | undefined> => ({
  number,
  label: 'repeated',
  type,
})
export const one = <Output, Input>(
  number: number,
  type: Message<Output, Input>,
): FieldTable<Output | undefined, Input | undefined> => ({ number, label: 'single', type })
export const many = <Output, Input>(
  number: number,
  type: Message<Output, Input>,
): FieldTable<readonly Output[], readonly Input[] | undefined> => ({ number, label: 'repeated', type })
/** map<string, string> */
export const map = (
  number: number,
): FieldTable<Readonly<Record<string, string>>, Readonly<Record<string, string>> | undefined> => ({
  number,
  label: 'map',
  type: 'string',
})
/** map<string, bytes> */
export const bytesMap = (
  number: number,
): FieldTable<Readonly<Record<string, Uint8Array>>, Readonly<Record<string, Uint8Array>> | undefined> => ({
  number,
  label: 'map',
  type: 'bytes',
})
/** A message with one number as field 1 (Int64Value, UInt64Value), so that absent differs from 0. */
export const wrapped = (number: number): FieldTable<number | undefined, number | undefined> => ({
  number,
  label: 'wrapped',
  type: 'int64',
})

export function message<F extends Fields>(fields: F): Message<OutputOf<F>, InputOf<F>> {
  const table = new Map<number, readonly [string, FieldTable]>()
  for (const [name, field] of Object.entries(fields)) table.set(field.number, [name, field])
  return {
    fields: table,
    encode(value) {
      const out: Buffer[] = []
      for (const [name, field] of table.values()) writeField(out, field, (value as Record<string, unknown>)[name])
      return Buffer.concat(out)
    },
    decode: (input) => decode(table, new Reader(input)) as OutputOf<F>,
  }
}

function varint(value: number): Buffer {
  const out: number[] = []
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
    out.push(Number(rest))
  } else {
    for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128)
    out.push(value)
  }
  return Buffer.from(out)
}
const tag = (number: number, wire: number) => varint(number * 8 + wire)
const delimited = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([tag(number, 2), varint(content.length), content])

function writeField(out: Buffer[], field: FieldTable, value: unknown): void {
  if (value === undefined || value === null) return
  const { number, type } = field
  switch (field.label) {
    case 'single':
      if (typeof type !== 'string') out.push(delimited(number, type.encode(value)))
      else if (value !== 0 && value !== 0n && value !== '' && value !== false)
        out.push(writeScalar(number, type, value))
      return
    case 'repeated': {
      const items = value as readonly unknown[]
      if (typeof type !== 'string') for (const item of items) out.push(delimited(number, type.encode(item)))
      else if (type === 'string' || type === 'bytes')
        for (const item of items) out.push(writeScalar(number, type, item))
      else if (items.length > 0) {
        out.push(delimited(number, Buffer.concat(items.map((item) => varint(Number(item))))))
      }
      return
    }
    case 'map':
      for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
        const name = type === 'bytes' ? 'bytes' : 'string'
        out.push(delimited(number, Buffer.concat([writeScalar(1, 'string', key), writeScalar(2, name, item)])))
      }
      return
    case 'wrapped':
      out.push(delimited(number, value === 0 ? Buffer.alloc(0) : writeScalar(1, 'int64', value)))
      return
  }
}

function writeScalar(number: number, type: ScalarName, value: unknown): Buffer {
  switch (type) {
    case 'string':
      return delimited(number, Buffer.from(value as string))
    case 'bytes':
      return delimited(number, value as Uint8Array)
    case 'bool':
      return Buffer.concat([tag(number, 0), varint(value === true ? 1 : 0)])
    case 'double': {
      const content = Buffer.alloc(8)
      content.writeDoubleLE(value as number)
      return Buffer.concat([tag(number, 1), content])
    }
    case 'fixed64': {
      const content = Buffer.alloc(8)
      content.writeBigUInt64LE(value as bigint)
      return Buffer.concat([tag(number, 1), content])
    }
    default:
      return Buffer.concat([tag(number, 0), varint(value as number)])
  }
}

class Reader {
  #at = 0
  readonly #view: Buffer
  constructor(input: Uint8Array) {
    this.#view = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  }
  get done(): boolean {
    return this.#at >= this.#view.length
  }
  /** A varint as a signed 64-bit number. */
  varint(): number {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      const bits = byte & 127
      if (shift < 28) low += bits * 2 ** shift
      else if (shift === 28) {
        low += (bits & 15) * 2 ** 28
        high += bits >> 4
      } else if (shift < 63) high += bits * 2 ** (shift - 32)
      else high += (bits & 1) * 2 ** 31
      if (byte < 128) return (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low
    }
    throw new RangeError('varint longer than 64 bits')
  }
  double(): number {
    return this.#take(8).readDoubleLE()
  }
  fixed64(): bigint {
    return this.#take(8).readBigUInt64LE()
  }
  chunk(): Buffer {
    return this.#take(this.varint())
  }
  skip(wire: number): void {
    if (wire === 0) this.varint()
    else if (wire === 1) this.#take(8)
    else if (wire === 2) this.chunk()
    else if (wire === 5) this.#take(4)
    else throw new RangeError(`wire type ${wire}`)
  }
  #byte(): number {
    return this.#take(1)[0]!
  }
  #take(length: number): Buffer {
    const end = this.#at + length
    if (length < 0 || end > this.#view.length) throw new RangeError('message ends too early')
    const part = this.#view.subarray(this.#at, end)
    this.#at = end
    return part
  }
}

function zero(field: FieldTable): unknown {
  if (field.label === 'repeated') return []
  if (field.label === 'map') return {}
  if (field.label === 'wrapped' || typeof field.type !== 'string') return undefined
  return { string: '', bytes: new Uint8Array(), bool: false, int32: 0, uint32: 0, int64: 0, double: 0, fixed64: 0n }[
    field.type
  ]
}

function decode(fields: Message['fields'], reader: Reader): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, field] of fields.values()) result[name] = zero(field)
  while (!reader.done) {
    const key = reader.varint()
    const wire = key % 8
    const entry = fields.get(Math.floor(key / 8))
    if (entry === undefined) reader.skip(wire)
    else readField(result, entry[0], entry[1], wire, reader)
  }
  return result
}

function readField(
  result: Record<string, unknown>,
  name: string,
  field: FieldTable,
  wire: number,
  reader: Reader,
): void {
  const { type } = field
  if (field.label === 'map') {
    const entry = (type === 'bytes' ? bytesMapEntry : mapEntry).decode(reader.chunk())
    Object.defineProperty(result[name], entry.key, { value: entry.value, enumerable: true, configurable: true })
  } else if (field.label === 'wrapped') {
    result[name] = wrapper.decode(reader.chunk()).value
  } else if (typeof type !== 'string') {
    const value = type.decode(reader.chunk())
    if (field.label === 'repeated') (result[name] as unknown[]).push(value)
    else result[name] = value
  } else if (field.label === 'single') {
    result[name] = readScalar(type, reader)
  } else if (wire === 2 && type !== 'string' && type !== 'bytes') {
    const packed = new Reader(reader.chunk())
    while (!packed.done) (result[name] as unknown[]).push(readScalar(type, packed))
  } else {
    ;(result[name] as unknown[]).push(readScalar(type, reader))
  }
}

function readScalar(type: ScalarName, reader: Reader): unknown {
  switch (type) {
    case 'string':
      return reader.chunk().toString('utf8')
    case 'bytes':
      return new Uint8Array(reader.chunk())
    case 'bool':
      return reader.varint() !== 0
    case 'double':
      return reader.double()
    case 'fixed64':
      return reader.fixed64()
    default:
      return reader.varint()
  }
}

const mapEntry = message({ key: string(1), value: string(2) })
const bytesMapEntry = message({ key: string(1), value: bytes(2) })
const wrapper = message({ value: int64(1) })
