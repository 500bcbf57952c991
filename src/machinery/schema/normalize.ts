import { canonicalQuantity } from '../quantity.ts'
import { formatGoDuration, parseGoDuration } from '../go-duration.ts'
import { canonicalTime } from '../time.ts'
import { noteEmptied, type Empty } from '../emptied.ts'
import { planOf, type FieldPlan, type Plan, type ScalarKind, type SchemaOr, type StructPlan } from './plan.ts'
import type { Schema } from './schema.ts'

/**
 * Gives a value the form that it has once upstream has read it into Go's types and written it again: members in Go's
 * order, null and empty members left out or written as Go does, map keys sorted, quantities and times canonical. The
 * result is new, and the caller's; it shares nothing with the input but what schemas leave open.
 *
 * Throws Mismatch at the first thing that does not fit: a wrong type, an unknown member. It says not what: this is the
 * fast way for the values that are right; see codec/json/decode.ts for those that are not.
 */
export function normalize(schema: Schema, value: unknown): unknown {
  return walk(planOf(schema), value, false)
}

/** Like {@link normalize}, with notes of what was said to be empty (emptied.ts): for what a client sent. */
export function normalizeSent(schema: Schema, value: unknown): unknown {
  return walk(planOf(schema), value, true)
}

export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}
const mismatch = new Mismatch('the value does not fit the schema')

function walk(plan: Plan, value: unknown, sent: boolean): unknown {
  switch (plan.kind) {
    case 'scalar':
      return value === null ? zeroScalar(plan.scalar) : scalar(plan.scalar, value)
    case 'struct':
      return struct(plan, value, sent)
    case 'list':
      return list(plan, value, sent)
    case 'map':
      return map(plan, value, sent)
    case 'any':
      return value
    case 'schemaOr':
      return schemaOr(plan.properties, plan.other, value, sent)
  }
}

type Members = Record<string, unknown>

function struct(plan: StructPlan, value: unknown, sent: boolean): Members {
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch
  const input = (value ?? empty) as Members
  const output: Members = {}
  let found = 0
  for (const field of plan.fields) {
    const member = input[field.name]
    if (member !== undefined) found++
    if (member === undefined || member === null) {
      if (field.always) output[field.name] = field.pointer ? null : zero(field.plan)
      continue
    }
    const normal = walk(field.plan, member, sent)
    if (field.always || field.pointer || !isEmpty(normal, field)) output[field.name] = normal
    else if (sent && canBeEmpty(field.plan)) noteEmptied(output, field.name, normal as Empty)
  }
  const names = Object.keys(input)
  if (names.length !== found) refuseUnknown(plan, input, names)
  return output
}

const empty: Members = {}

function refuseUnknown(plan: StructPlan, input: Members, names: readonly string[]): void {
  for (const name of names) if (input[name] !== undefined && !plan.byName.has(name)) throw mismatch
}

/** Go's omitempty: false, 0, "", nil and empty lists and maps. Structs are never empty, but for omitzero times. */
export function isEmpty(value: unknown, field: FieldPlan): boolean {
  if (value === '' || value === 0 || value === false || value === null) return true
  if (typeof value !== 'object') return false
  if (field.plan.kind === 'list') return (value as unknown[]).length === 0
  if (field.plan.kind !== 'map') return false
  for (const _ in value) return false
  return true
}

/** What Go has none of when nothing was said, and can have empty. */
function canBeEmpty(plan: Plan): boolean {
  return plan.kind === 'list' || plan.kind === 'map' || (plan.kind === 'scalar' && plan.scalar === 'bytes')
}

function list(plan: Plan & { kind: 'list' }, value: unknown, sent: boolean): unknown {
  if (value === null) return null
  if (!Array.isArray(value)) throw mismatch
  const { items } = plan
  return value.map((item) => walk(items, item ?? null, sent))
}

function map(plan: Plan & { kind: 'map' }, value: unknown, sent: boolean): unknown {
  if (value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch
  const { values } = plan
  const input = value as Members
  const names = Object.keys(input)
  if (names.length > 1) sortNames(names)
  const output: Members = {}
  for (const name of names) {
    if (input[name] === undefined) continue
    const member = walk(values, input[name], sent)
    if (name === '__proto__') define(output, name, member)
    else output[name] = member
  }
  return output
}

function define(target: Members, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
}

/** Go sorts the keys of a map by their bytes; that of UTF-16 differs only beyond the basic plane. */
function sortNames(names: string[]): void {
  for (let at = 1; at < names.length; at++) {
    if (names[at]! < names[at - 1]!) {
      names.sort()
      return
    }
  }
}

function schemaOr(properties: Plan, other: SchemaOr, value: unknown, sent: boolean): unknown {
  if (typeof value === 'boolean' && other === 'schemaOrBool') return value
  if (Array.isArray(value)) {
    if (other === 'schemaOrArray') return value.length === 0 ? null : value.map((item) => walk(properties, item, sent))
    if (other === 'schemaOrStringArray') return value.length === 0 ? null : value.map((item) => scalar('string', item))
    throw mismatch
  }
  if (typeof value === 'object' && value !== null) return walk(properties, value, sent)
  // Upstream's lists-or-schema take anything else for nothing, booleans-or-schema refuse it.
  if (other === 'schemaOrBool') throw mismatch
  return null
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function scalar(kind: ScalarKind, value: unknown): unknown {
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') throw mismatch
      return value
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch
      return value
    case 'int32':
      if (!Number.isInteger(value) || (value as number) > 2147483647 || (value as number) < -2147483648) throw mismatch
      return value
    case 'int64':
      if (!Number.isInteger(value) || (value as number) >= 2 ** 63 || (value as number) < -(2 ** 63)) throw mismatch
      return value
    case 'double':
      if (typeof value !== 'number') throw mismatch
      return value
    case 'bytes':
      if (typeof value !== 'string' || value.length % 4 !== 0 || !base64.test(value)) throw mismatch
      return value
    case 'intOrString':
      return typeof value === 'string' ? value : scalar('int32', value)
    default:
      return text(kind, value)
  }
}

/** Forms that are rewritten. Their own errors are told by the exact decoder. */
function text(kind: 'quantity' | 'time' | 'microTime' | 'duration', value: unknown): unknown {
  try {
    if (kind === 'quantity' && typeof value === 'number') return canonicalQuantity(String(value))
    if (typeof value !== 'string') throw mismatch
    switch (kind) {
      case 'quantity':
        return canonicalQuantity(value.trim())
      case 'duration':
        return formatGoDuration(parseGoDuration(value))
      default:
        return canonicalTime(value, kind)
    }
  } catch {
    throw mismatch
  }
}

function zeroScalar(kind: ScalarKind): unknown {
  switch (kind) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'bytes':
    case 'time':
    case 'microTime':
      return null
  }
}

/** What Go writes for a value that was never set. */
export function zero(plan: Plan): unknown {
  if (plan.kind === 'scalar') return zeroScalar(plan.scalar)
  return plan.kind === 'struct' ? struct(plan, empty, false) : null
}
