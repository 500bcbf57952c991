import type { StructTypes } from '../../../machinery/cel/environment.ts'
import { jsonOf } from '../../../machinery/cel/native-value.ts'
import { formatValue } from '../../../machinery/cel/format-value.ts'
import { dynType, objectType, stringType, type Type } from '../../../machinery/cel/type.ts'
import { CelError, ListValue, MapValue, ObjectValue, type Value } from '../../../machinery/cel/value.ts'
import { goQuote } from '../../../machinery/field-error.ts'

export const jsonPatchType = objectType('JSONPatch')
export const applyObjectType = objectType('Object')

/** `JSONPatch{op: …, path: …}` (apiserver pkg/cel/mutation/jsonpatch.go). */
export class JsonPatchValue extends MapValue {
  readonly fields: ReadonlyMap<string, Value>
  constructor(fields: ReadonlyMap<string, Value>) {
    super()
    this.fields = fields
  }
  get size(): number {
    return this.fields.size
  }
  find(key: Value): Value | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined
  }
  keys(): Iterable<Value> {
    return this.fields.keys()
  }
}

/**
 * `Object{…}`, `Object.spec{…}`: an object under construction, without a schema; any field may be set (apiserver
 * pkg/cel/mutation/dynamic/objects.go).
 */
export class PatchObject extends ObjectValue {
  readonly type: Type
  readonly fields: ReadonlyMap<string, Value>
  constructor(type: Type, fields: ReadonlyMap<string, Value>) {
    super()
    this.type = type
    this.fields = fields
  }
  equals(other: PatchObject): Value {
    if (this.type.name !== other.type.name) return false
    return JSON.stringify(patchJson(this)) === JSON.stringify(patchJson(other))
  }
}

/** Type names must say where the objects stand: below `spec` of an Object all are `Object.spec…`. */
export function typeNameProblems(value: Value, path: readonly string[] = ['Object']): string[] {
  if (value instanceof PatchObject) {
    const expected = path.join('.')
    const own =
      value.type.name === expected
        ? []
        : [
            `unexpected type name ${goQuote(value.type.name)}, expected ${goQuote(expected)}, which matches field name path from root Object type`,
          ]
    return [...own, ...[...value.fields].flatMap(([name, field]) => typeNameProblems(field, [...path, name]))]
  }
  if (value instanceof ListValue) return [...value].flatMap((item) => typeNameProblems(item, path))
  if (value instanceof MapValue)
    return [...value.keys()].flatMap((key) => typeNameProblems(value.find(key) ?? null, path))
  return []
}

/** The JSON of a value that patches consist of; an error where it has none. */
export function patchJson(value: Value): unknown {
  if (value instanceof PatchObject) return collected([...value.fields])
  if (value instanceof ListValue) {
    const items = [...value].map(patchJson)
    return items.find((item) => item instanceof CelError) ?? items
  }
  if (value instanceof MapValue) {
    const keys = [...value.keys()]
    const odd = keys.find((key) => typeof key !== 'string')
    if (odd !== undefined) return new CelError(`map key ${goQuote(formatValue(odd))} is not a string`)
    return collected(keys.map((key) => [key as string, value.find(key) ?? null]))
  }
  return jsonOf(value)
}
function collected(fields: readonly (readonly [string, Value])[]): unknown {
  const entries = fields.map(([name, field]) => [name, patchJson(field)] as const)
  return entries.find(([, json]) => json instanceof CelError)?.[1] ?? Object.fromEntries(entries)
}

const patchFields: Readonly<Record<string, Type>> = {
  op: stringType,
  path: stringType,
  from: stringType,
  value: dynType,
}

/** The types of patches: none of them has a schema. */
export const patchStructs: StructTypes = {
  find: (name) =>
    name === 'JSONPatch' || name === 'Object' || name.startsWith('Object.') ? objectType(name) : undefined,
  field: (typeName, field) => (typeName === 'JSONPatch' ? patchFields[field] : dynType),
  construct(typeName, fields) {
    if (typeName !== 'JSONPatch') return new PatchObject(objectType(typeName), fields)
    for (const [name, value] of fields)
      if (name !== 'value' && typeof value !== 'string')
        return new CelError(`unexpected type for JSONPatchType '${name}' field`)
    return new JsonPatchValue(fields)
  },
}
