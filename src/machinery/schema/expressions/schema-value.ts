import { goTypeOf } from '../../go-print.ts'
import { isObject, jsonEqual } from '../../json.ts'
import { equalValues } from '../../cel/equality.ts'
import { parseDuration, parseTimestamp } from '../../cel/time-text.ts'
import { unknownType } from '../../cel/type.ts'
import { CelError, Duration, ListValue, MapValue, noSuchOverload, ObjectValue, type Value } from '../../cel/value.ts'
import type { JsonSchema } from '../values/json-schema.ts'
import { withObjectMembers } from './declared-type.ts'
import { escapeIdentifier, unescapeIdentifier } from './identifier-escape.ts'
import { KeyedItems, UniqueItems } from './list-type-value.ts'

/** JSON as its schema has rules see it; an error where the two do not fit (apiserver pkg/cel/common/valuesunstructured.go). */
export function schemaValue(json: unknown, schema: JsonSchema): Value {
  if (json === null || json === undefined)
    return schema.nullable === true ? null : new CelError('invalid data, got null for schema with nullable=false')
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof json === 'string') return json
    if (typeof json === 'number' && Number.isInteger(json)) return BigInt(json)
    return new CelError('invalid data, expected XIntOrString value to be either a string or integer')
  }
  switch (schema.type) {
    case 'object':
      if (!isObject(json)) return new CelError('invalid data, expected a map for the provided schema with type=object')
      return new SchemaMap(json, schema['x-kubernetes-embedded-resource'] ? withObjectMembers(schema) : schema)
    case 'array':
      return listValue(json, schema)
    case 'string':
      return typeof json === 'string' ? textValue(json, schema.format) : misfit('string', json)
    case 'number':
      return typeof json === 'number' ? json : misfit('float', json)
    case 'integer':
      return typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : misfit('int', json)
    case 'boolean':
      return typeof json === 'boolean' ? json : misfit('bool', json)
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) return new UnknownValue(json)
  return new CelError(
    `invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ${schema.type ?? ''}`,
  )
}

const misfit = (expected: string, json: unknown) =>
  new CelError(`invalid data, expected ${expected}, got ${goTypeOf(json)}`)

function listValue(json: unknown, { items, ...schema }: JsonSchema): Value {
  if (!Array.isArray(json))
    return new CelError('invalid data, expected an array for the provided schema with type=array')
  if (items === undefined) return new CelError('invalid array type, expected Items with a non-empty Schema')
  const list = new SchemaList(json, items)
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return new KeyedItems(
        list,
        (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeIdentifier(key) ?? key),
      )
    case 'set':
      return new UniqueItems(list)
    default:
      return list
  }
}

function textValue(text: string, format: string | undefined): Value {
  switch (format) {
    case 'duration':
      return parseLongDuration(text) ?? new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`)
    case 'date':
      return parseTimestamp(`${text}T00:00:00Z`) ?? unparsed('date', text, '2006-01-02')
    case 'date-time':
      return parseTimestamp(text) ?? parseTimestamp(`${text}Z`) ?? unparsed('date-time', text, '2006-01-02T15:04:05')
    case 'byte':
      return Buffer.from(text, 'base64')
    default:
      return text
  }
}
const unparsed = (format: string, text: string, layout: string) =>
  new CelError(
    `Invalid ${format} formatted string ${text}: parsing time ${JSON.stringify(text)} as "${layout}": cannot parse`,
  )

const second = 1_000_000_000n
const longUnits: readonly (readonly [RegExp, bigint])[] = [
  [/^(ns|nano.*)$/, 1n],
  [/^(us|µs|micro.*)$/, 1000n],
  [/^(ms|milli.*)$/, 1_000_000n],
  [/^(s|sec.*)$/, second],
  [/^(m|min.*)$/, 60n * second],
  [/^(h|hr.*|hour.*)$/, 3600n * second],
  [/^(d|day.*)$/, 86400n * second],
  [/^(w|wk.*|week.*)$/, 604800n * second],
]

/** Go's durations, and `2 weeks 3 days` (kube-openapi pkg/validation/strfmt/duration.go). */
function parseLongDuration(text: string): Duration | undefined {
  const short = parseDuration(text)
  if (short !== undefined) return short
  let nanos: bigint | undefined
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)\s*([a-zµ]+)/g)) {
    const found = longUnits.find(([pattern]) => pattern.test(unit!))
    if (found !== undefined) nanos = (nanos ?? 0n) + BigInt(count!) * found[1]
  }
  return nanos === undefined ? undefined : new Duration(nanos)
}

/** What is kept though no schema describes it: rules can do nothing with it but compare. */
class UnknownValue extends ObjectValue {
  readonly type = unknownType
  readonly json: unknown
  constructor(json: unknown) {
    super()
    this.json = json
  }
  equals(other: UnknownValue): Value {
    return jsonEqual(this.json, other.json)
  }
}

/** A list without a list type, or an atomic one. */
export class SchemaList extends ListValue {
  readonly json: readonly unknown[]
  readonly #items: JsonSchema
  constructor(json: readonly unknown[], items: JsonSchema) {
    super()
    this.json = json
    this.#items = items
  }
  get size(): number {
    return this.json.length
  }
  at(index: number): Value {
    return schemaValue(this.json[index], this.#items)
  }
  override equals(other: Value): Value {
    if (!(other instanceof ListValue)) return noSuchOverload
    if (this.size !== other.size) return false
    for (let index = 0; index < this.size; index++) {
      const equal = equalValues(this.at(index), other.at(index))
      if (equal !== true) return equal
    }
    return true
  }
}

/** An object or a map. */
export class SchemaMap extends MapValue {
  readonly json: Readonly<Record<string, unknown>>
  readonly #properties: Readonly<Record<string, JsonSchema>> | undefined
  readonly #values: JsonSchema | undefined
  constructor(json: Readonly<Record<string, unknown>>, schema: JsonSchema) {
    super()
    this.json = json
    this.#properties = schema.properties
    if (this.#properties === undefined && typeof schema.additionalProperties === 'object')
      this.#values = schema.additionalProperties
  }
  get size(): number {
    return Object.keys(this.json).length
  }
  *keys(): Iterable<Value> {
    for (const name of Object.keys(this.json)) {
      if (this.#schemaOf(name) === undefined) continue
      yield this.#properties === undefined ? name : (escapeIdentifier(name) ?? name)
    }
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload
    const name = this.#properties === undefined ? key : unescapeIdentifier(key)
    if (name === undefined || !Object.hasOwn(this.json, name)) return undefined
    const json = this.json[name]
    // A member of an object that is null is as good as absent.
    if (this.#properties !== undefined && (json === null || json === undefined)) return undefined
    const schema = this.#schemaOf(name)
    return schema === undefined ? undefined : schemaValue(json, schema)
  }
  override equals(other: Value): Value {
    if (!(other instanceof MapValue)) return noSuchOverload
    if (this.size !== other.size) return false
    for (const [name, json] of Object.entries(this.json)) {
      if (this.#schemaOf(name) === undefined) {
        if (!(other instanceof SchemaMap)) return noSuchOverload
        if (Object.hasOwn(other.json, name) && !jsonEqual(json, other.json[name])) return false
        continue
      }
      const [mine, theirs] = [this.find(name), other.find(name)]
      if ((mine === undefined) !== (theirs === undefined)) return false
      if (mine === undefined || theirs === undefined) continue
      const equal = equalValues(mine, theirs)
      if (equal !== true) return equal
    }
    return true
  }
  #schemaOf(name: string): JsonSchema | undefined {
    if (this.#values !== undefined) return this.#values
    return this.#properties !== undefined && Object.hasOwn(this.#properties, name) ? this.#properties[name] : undefined
  }
}
