import { formatTime } from '../../clock.ts'
import { formatGoDuration } from '../../go-duration.ts'
import { canonicalQuantity, QuantityError } from '../../quantity.ts'
import { zero, isEmpty } from '../../schema/normalize.ts'
import {
  lastName,
  type FieldPlan,
  type Plan,
  type ScalarKind,
  type SchemaOr,
  type StructPlan,
} from '../../schema/plan.ts'
import { DecodeError } from '../decode-error.ts'
import { messagePlanOf, type MessagePlan } from './message-plan.ts'
import { nesting } from '../nesting.ts'
import { endOfNoGroup, WireReader, wireTypes, wrongWireType } from './reader.ts'

type Members = Record<string, unknown>

// Only JSONSchemaProps nests without end. Upstream has no bound here; it could not write what it read as JSON.
const maxDepth = nesting.json

/** Reads a message into the form that normalize gives; `head`: members that come first. Throws DecodeError. */
export function decodeStruct(bytes: Buffer, plan: StructPlan, head: Members = {}): Members {
  return readStruct(new WireReader(bytes), bytes.length, plan, 0, head)
}

function readStruct(reader: WireReader, end: number, plan: StructPlan, depth: number, output: Members = {}): Members {
  if (depth > maxDepth) throw new DecodeError('proto: exceeded max depth')
  const slots: unknown[] = plan.fields.map(() => undefined)
  readParts(reader, end, messagePlanOf(plan), slots, depth)
  for (let slot = 0; slot < slots.length; slot++) {
    const field = plan.fields[slot]!
    const value = slots[slot]
    if (value === undefined) {
      if (field.always) output[field.name] = field.pointer ? null : zero(field.plan)
    } else if (field.always || field.pointer || !isEmpty(value, field)) output[field.name] = value
  }
  return output
}

function readParts(reader: WireReader, end: number, plan: MessagePlan, slots: unknown[], depth: number): void {
  while (reader.at < end) {
    const tag = reader.unsigned()
    const wireType = tag & 7
    const part = plan.byNumber.get(Math.floor(tag / 8))
    if (!part) {
      reader.skipField(tag, plan.name)
    } else if (part.embedded) {
      if (wireType !== wireTypes.bytes) throw misplaced(tag, plan.name, part.embedded.name)
      readParts(reader, reader.span(), part.embedded, slots, depth)
    } else {
      if (!takes(part.field.plan, wireType)) throw misplaced(tag, plan.name, goFieldName(part.field))
      slots[part.slot] = readField(reader, wireType, part.field.plan, slots[part.slot], depth)
    }
  }
  if (reader.at !== end) throw new DecodeError('unexpected EOF')
}

function expect(wireType: number, wanted: number): void {
  if (wireType !== wanted) throw new DecodeError(`proto: wrong wireType = ${wireType}`)
}

function takes(plan: Plan, wireType: number): boolean {
  if (plan.kind === 'scalar') return wireType === wireTypeOf(plan.scalar)
  if (wireType === wireTypes.bytes) return true
  return plan.kind === 'list' && plan.items.kind === 'scalar' && wireType === wireTypeOf(plan.items.scalar)
}
function wireTypeOf(kind: ScalarKind): number {
  if (isVarint(kind)) return wireTypes.varint
  return kind === 'double' ? wireTypes.fixed64 : wireTypes.bytes
}

function misplaced(tag: number, message: string, field: string): DecodeError {
  const wireType = tag & 7
  return wireType === wireTypes.endGroup ? endOfNoGroup(message) : wrongWireType(wireType, field)
}

/** Go's name of a field: `metadata` is embedded and has its type's, of the others all but a few begin with a capital. */
function goFieldName({ name, plan }: FieldPlan): string {
  if (name === 'metadata' && plan.kind === 'struct') return lastName(plan.schema)
  if (name === 'uid') return 'UID'
  return name.startsWith('api') ? `API${name.slice(3)}` : name.charAt(0).toUpperCase() + name.slice(1)
}

function readField(reader: WireReader, wireType: number, plan: Plan, before: unknown, depth: number): unknown {
  if (plan.kind === 'list') {
    if (plan.schema.wrapper === 'stringList') return readStringList(reader, wireType)
    const list = (before as unknown[] | undefined) ?? []
    const packed = wireType === wireTypes.bytes && plan.items.kind === 'scalar' && isVarint(plan.items.scalar)
    const end = packed ? reader.span() : 0
    do list.push(readValue(reader, packed ? wireTypes.varint : wireType, plan.items, depth))
    while (reader.at < end)
    return list
  }
  if (plan.kind === 'map') {
    const map = (before as Members | undefined) ?? {}
    readEntry(reader, wireType, plan, map, depth)
    return map
  }
  return readValue(reader, wireType, plan, depth)
}

const isVarint = (kind: ScalarKind): boolean => kind === 'int32' || kind === 'int64' || kind === 'boolean'

function readEntry(
  reader: WireReader,
  wireType: number,
  plan: Plan & { kind: 'map' },
  map: Members,
  depth: number,
): void {
  expect(wireType, wireTypes.bytes)
  const end = reader.span()
  let key = ''
  let value: unknown
  while (reader.at < end) {
    const tag = reader.unsigned()
    // Generated code trusts the wire types of an entry.
    if (tag >> 3 === 1) key = reader.string()
    else if (tag >> 3 === 2) value = readField(reader, tag & 7, plan.values, undefined, depth)
    else reader.skip(tag & 7)
  }
  if (value === undefined) value = zero(plan.values)
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
  else map[key] = value
}

function readStringList(reader: WireReader, wireType: number): string[] {
  expect(wireType, wireTypes.bytes)
  const end = reader.span()
  const items: string[] = []
  while (reader.at < end) {
    const tag = reader.unsigned()
    if (tag === ((1 << 3) | wireTypes.bytes)) items.push(reader.string())
    else reader.skip(tag & 7)
  }
  return items
}

function readValue(reader: WireReader, wireType: number, plan: Plan, depth: number): unknown {
  switch (plan.kind) {
    case 'scalar':
      return readScalar(reader, wireType, plan.scalar)
    case 'struct':
      expect(wireType, wireTypes.bytes)
      return readStruct(reader, reader.span(), plan, depth + 1)
    case 'any':
      expect(wireType, wireTypes.bytes)
      return readRaw(reader)
    case 'schemaOr':
      expect(wireType, wireTypes.bytes)
      return readSchemaOr(reader, plan.properties, plan.other, depth + 1)
    default:
      throw new DecodeError(`proto: no list or map of ${plan.kind}s`)
  }
}

function readScalar(reader: WireReader, wireType: number, kind: ScalarKind): unknown {
  switch (kind) {
    case 'boolean':
      expect(wireType, wireTypes.varint)
      return reader.signed() !== 0
    case 'int32':
      expect(wireType, wireTypes.varint)
      return reader.signed() | 0
    case 'int64':
      expect(wireType, wireTypes.varint)
      return reader.signed()
    case 'double':
      expect(wireType, wireTypes.fixed64)
      return reader.double()
    default:
      expect(wireType, wireTypes.bytes)
      if (kind === 'string') return reader.string()
      return kind === 'bytes' ? reader.slice().toString('base64') : readWrapped(reader, kind)
  }
}

function readWrapped(
  reader: WireReader,
  kind: 'quantity' | 'intOrString' | 'time' | 'microTime' | 'duration',
): unknown {
  const end = reader.span()
  const empty = reader.at === end
  // The members of these small messages by number.
  const numbers = [0, 0, 0]
  let text = ''
  while (reader.at < end) {
    const tag = reader.unsigned()
    const number = tag >> 3
    if ((tag & 7) === wireTypes.varint && number < 3) numbers[number] = reader.signed()
    else if ((tag & 7) === wireTypes.bytes) text = reader.string()
    else reader.skip(tag & 7)
  }
  const [, first, second] = numbers as [number, number, number]
  switch (kind) {
    case 'quantity':
      return quantity(text)
    case 'intOrString':
      return first === 1 ? text : second
    case 'duration':
      return formatGoDuration(first)
    case 'time':
      return empty ? null : timeText(first)
    case 'microTime':
      return empty ? null : microTimeText(first, second)
  }
}

function quantity(text: string): string {
  try {
    return canonicalQuantity(text)
  } catch (error) {
    throw error instanceof QuantityError ? new DecodeError(error.message) : error
  }
}

const earliest = -62135596800

function timeText(seconds: number): string | null {
  if (seconds === earliest) return null
  if (seconds < earliest || seconds > 253402300799) throw new DecodeError('proto: time out of range')
  return formatTime(seconds * 1000)
}

function microTimeText(seconds: number, nanos: number): string | null {
  const whole = timeText(seconds)
  return whole === null ? null : `${whole.slice(0, -1)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`
}

function readRaw(reader: WireReader): unknown {
  const end = reader.span()
  let raw: string | undefined
  while (reader.at < end) {
    const tag = reader.unsigned()
    if (tag === ((1 << 3) | wireTypes.bytes)) raw = reader.string()
    else reader.skip(tag & 7)
  }
  if (raw === undefined || raw === '') return null
  try {
    return JSON.parse(raw)
  } catch (cause) {
    throw new DecodeError('proto: a raw value is no JSON', { cause })
  }
}

function readSchemaOr(reader: WireReader, properties: Plan, other: SchemaOr, depth: number): unknown {
  const end = reader.span()
  let schema: unknown
  let allows = false
  const list: unknown[] = []
  while (reader.at < end) {
    const tag = reader.unsigned()
    const number = tag >> 3
    if (other === 'schemaOrBool' && number === 1) allows = reader.signed() !== 0
    else if (number === (other === 'schemaOrBool' ? 2 : 1)) schema = readValue(reader, tag & 7, properties, depth)
    else if (number === 2 && other === 'schemaOrArray') list.push(readValue(reader, tag & 7, properties, depth))
    else if (number === 2) list.push(reader.string())
    else reader.skip(tag & 7)
  }
  if (other === 'schemaOrBool') return schema ?? allows
  return list.length > 0 ? list : (schema ?? null)
}
