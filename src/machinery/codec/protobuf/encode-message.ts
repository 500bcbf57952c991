import { parseGoDuration } from '../../go-duration.ts'
import type { Plan, ScalarKind, SchemaOr, StructPlan } from '../../schema/plan.ts'
import { parseTime } from '../../time.ts'
import { messagePlanOf, type MessagePlan } from './message-plan.ts'
import { wireTypes } from './reader.ts'
import type { BackwardWriter } from './writer.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * Writes an object in normal form as upstream's generated code does, byte for byte: scalars and structs that are no
 * pointers always, members by rising number, maps by sorted key.
 */
export function encodeStruct(writer: BackwardWriter, plan: StructPlan, value: Members): void {
  encodeMessage(writer, messagePlanOf(plan), value)
}

function encodeMessage(writer: BackwardWriter, plan: MessagePlan, value: Members): void {
  for (const part of plan.parts) {
    if (part.embedded) {
      const before = writer.length
      encodeMessage(writer, part.embedded, value)
      finish(writer, part.number, before)
    } else {
      encodeField(writer, part.number, part.field.plan, value[part.field.name], part.field.pointer)
    }
  }
}

/** The length of what was written since `before`, and the tag. */
function finish(writer: BackwardWriter, number: number, before: number): void {
  writer.varint(writer.length - before)
  writer.varint((number << 3) | wireTypes.bytes)
}

function encodeField(writer: BackwardWriter, number: number, plan: Plan, value: unknown, pointer: boolean): void {
  const absent = value === undefined || value === null
  if (absent && (pointer || plan.kind === 'list' || plan.kind === 'map')) return
  switch (plan.kind) {
    case 'list':
      encodeList(writer, number, plan, value as readonly unknown[])
      return
    case 'map':
      encodeMap(writer, number, plan, value as Members)
      return
    default:
      encodeValue(writer, number, plan, value)
  }
}

function encodeList(
  writer: BackwardWriter,
  number: number,
  plan: Plan & { kind: 'list' },
  items: readonly unknown[],
): void {
  const before = writer.length
  const ofItsOwn = plan.schema.wrapper === 'stringList'
  for (let at = items.length - 1; at >= 0; at--) encodeValue(writer, ofItsOwn ? 1 : number, plan.items, items[at])
  if (ofItsOwn) finish(writer, number, before)
}

function encodeMap(writer: BackwardWriter, number: number, plan: Plan & { kind: 'map' }, map: Members): void {
  const keys = Object.keys(map).sort()
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at]!
    const before = writer.length
    const value = map[key]
    if (plan.values.kind === 'list') encodeList(writer, 2, plan.values, (value ?? []) as readonly unknown[])
    else encodeValue(writer, 2, plan.values, value)
    encodeString(writer, 1, key)
    finish(writer, number, before)
  }
}

function encodeString(writer: BackwardWriter, number: number, text: string): void {
  writer.string(text)
  writer.varint((number << 3) | wireTypes.bytes)
}

function encodeVarint(writer: BackwardWriter, number: number, value: number): void {
  writer.varint(value)
  writer.varint((number << 3) | wireTypes.varint)
}

/** One value with its tag; null and undefined are the zero value. */
function encodeValue(writer: BackwardWriter, number: number, plan: Plan, value: unknown): void {
  if (plan.kind === 'scalar') {
    encodeScalar(writer, number, plan.scalar, value)
    return
  }
  const before = writer.length
  if (plan.kind === 'struct') encodeMessage(writer, messagePlanOf(plan), (value ?? {}) as Members)
  else if (plan.kind === 'any') encodeRaw(writer, value)
  else if (plan.kind === 'schemaOr') encodeSchemaOr(writer, plan.properties, plan.other, value)
  else throw new Error(`protobuf has no list or map of ${plan.kind}s`)
  finish(writer, number, before)
}

function encodeScalar(writer: BackwardWriter, number: number, kind: ScalarKind, value: unknown): void {
  switch (kind) {
    case 'string':
      encodeString(writer, number, (value ?? '') as string)
      return
    case 'boolean':
      encodeVarint(writer, number, value === true ? 1 : 0)
      return
    case 'int32':
    case 'int64':
      encodeVarint(writer, number, (value ?? 0) as number)
      return
    case 'double':
      writer.double((value ?? 0) as number)
      writer.varint((number << 3) | wireTypes.fixed64)
      return
    case 'bytes': {
      if (value === undefined || value === null) return
      const before = writer.length
      writer.bytes(Buffer.from(value as string, 'base64'))
      finish(writer, number, before)
      return
    }
    default: {
      const before = writer.length
      encodeWrapped(writer, kind, value)
      finish(writer, number, before)
    }
  }
}

/** Scalars of JSON that are messages on the wire. */
function encodeWrapped(
  writer: BackwardWriter,
  kind: 'quantity' | 'intOrString' | 'time' | 'microTime' | 'duration',
  value: unknown,
): void {
  switch (kind) {
    case 'quantity':
      encodeString(writer, 1, (value ?? '0') as string)
      return
    case 'intOrString':
      encodeString(writer, 3, typeof value === 'string' ? value : '')
      encodeVarint(writer, 2, typeof value === 'number' ? value : 0)
      encodeVarint(writer, 1, typeof value === 'string' ? 1 : 0)
      return
    case 'duration':
      encodeVarint(writer, 1, parseGoDuration((value ?? '0s') as string))
      return
    case 'time':
    case 'microTime': {
      if (value === undefined || value === null) return
      const micros = kind === 'time' ? 0 : Number(/\.(\d{6})/.exec(value as string)?.[1] ?? 0)
      encodeVarint(writer, 2, micros * 1000)
      encodeVarint(writer, 1, Math.floor(parseTime(value as string, kind) / 1000))
    }
  }
}

/** RawExtension, FieldsV1 and JSON hold JSON as bytes. */
function encodeRaw(writer: BackwardWriter, value: unknown): void {
  if (value === undefined || value === null) return
  encodeString(writer, 1, JSON.stringify(value))
}

const strings: Plan = { kind: 'scalar', scalar: 'string', schema: { type: 'string' } }

function encodeSchemaOr(writer: BackwardWriter, properties: Plan, other: SchemaOr, value: unknown): void {
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (other === 'schemaOrBool') {
    if (isSchema) encodeValue(writer, 2, properties, value)
    encodeVarint(writer, 1, isSchema || value === true ? 1 : 0)
    return
  }
  if (Array.isArray(value)) {
    const item = other === 'schemaOrArray' ? properties : strings
    for (let at = value.length - 1; at >= 0; at--) encodeValue(writer, 2, item, value[at])
  }
  if (isSchema) encodeValue(writer, 1, properties, value)
}
