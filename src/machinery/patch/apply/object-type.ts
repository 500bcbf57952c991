import type { Field, Schema } from '../../schema/schema.ts'

/**
 * What apply has to know of a type (structured-merge-diff schema.Atom, as kube-openapi pkg/schemaconv derives it from
 * OpenAPI): how a value merges when it is a scalar, a list or a map. A type may allow several forms.
 */
export interface ObjectType {
  readonly scalar?: 'numeric' | 'string' | 'boolean' | 'untyped'
  readonly list?: ListType
  readonly map?: MapType
}
export interface ListType {
  readonly relationship: 'atomic' | 'associative'
  /** Of an associative list; none: a set of scalars. Sorted by name. */
  readonly keys: readonly string[]
  readonly element: ObjectType
}
export interface MapType {
  readonly atomic: boolean
  readonly fields: ReadonlyMap<string, MapField>
  /** The type of other members; absent: there may be none. */
  readonly element?: ObjectType
}
export interface MapField {
  readonly type: ObjectType
  readonly default?: unknown
}

const noFields: ReadonlyMap<string, MapField> = new Map()

/** Anything, replaced as a whole. */
export const untypedAtomic: ObjectType = {
  scalar: 'untyped',
  list: {
    relationship: 'atomic',
    keys: [],
    get element() {
      return untypedAtomic
    },
  },
  map: {
    atomic: true,
    fields: noFields,
    get element() {
      return untypedAtomic
    },
  },
}

/** Anything, with maps merged: the type of what no schema describes. */
export const deducedType: ObjectType = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: untypedAtomic },
  map: {
    atomic: false,
    fields: noFields,
    get element() {
      return deducedType
    },
  },
}

const compiled = new WeakMap<Schema, ObjectType>()

/** The type of a schema; remembered. */
export function objectTypeOf(schema: Schema | undefined): ObjectType {
  return schema === undefined ? deducedType : typeOf(schema, undefined, false)
}

function typeOf(schema: Schema, field: Field | undefined, preserving: boolean): ObjectType {
  // What a field says of its list (patchMergeKey) and an inherited permission belong to the place, not to the schema.
  const isOwn = !preserving && (field?.patchStrategy === undefined || schema.listType !== undefined)
  const known = isOwn ? compiled.get(schema) : undefined
  if (known !== undefined) return known
  const type = compile(schema, field, preserving)
  if (isOwn) compiled.set(schema, type)
  return type
}

function compile(schema: Schema, field: Field | undefined, preserving: boolean): ObjectType {
  if (schema.wrapper === 'quantity') return { scalar: 'untyped' }
  if (schema.wrapper === 'rawExtension') return untypedAtomic
  if (schema.wrapper?.startsWith('schemaOr') || schema.wrapper === 'json') return deducedLike(schema)
  switch (schema.type) {
    case 'object':
      return { map: mapOf(schema, preserving) }
    case 'array':
      return { list: listOf(schema, field, preserving) }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case 'string':
      return {
        scalar: schema.format === undefined || schema.format === '' || schema.format === 'byte' ? 'string' : 'untyped',
      }
    default:
      return deducedLike(schema, field, preserving)
  }
}

function deducedLike(schema: Schema, field?: Field, preserving = false): ObjectType {
  return {
    scalar: 'untyped',
    list: listOf({ ...schema, items: undefined }, field, preserving),
    map: mapOf(schema, preserving),
  }
}

function mapOf(schema: Schema, inherited: boolean): MapType {
  const preserving = inherited || schema.preserveUnknownFields === true
  let fields: Map<string, MapField> | undefined
  let element: ObjectType | undefined
  return {
    atomic: schema.mapType === 'atomic',
    get fields() {
      if (fields === undefined) {
        fields = new Map()
        for (const [name, field] of schema.properties ?? []) {
          fields.set(name, { type: typeOf(field.schema, field, preserving), default: defaultOf(field) })
        }
      }
      return fields
    },
    get element() {
      if (schema.values !== undefined) return (element ??= typeOf(schema.values, undefined, preserving))
      return preserving || (schema.properties?.size ?? 0) === 0 ? deducedType : undefined
    },
  }
}

/** OpenAPI gives a member that is always written its zero as default. */
function defaultOf(field: Field): unknown {
  if (field.default !== undefined || !field.always) return field.default
  const zeros: Readonly<Record<string, unknown>> = { string: '', integer: 0, number: 0, boolean: false }
  return zeros[field.schema.type ?? '']
}

function listOf(schema: Schema, field: Field | undefined, preserving: boolean): ListType {
  const strategy = field?.patchStrategy ?? ''
  let relationship: ListType['relationship'] = 'atomic'
  let keys: readonly string[] = []
  if (schema.listType !== undefined) {
    if (schema.listType !== 'atomic') relationship = 'associative'
    if (schema.listType === 'map') keys = schema.listMapKeys ?? []
  } else if (strategy === 'merge' || strategy === 'merge,retainKeys') {
    relationship = 'associative'
    if (field?.patchMergeKey) keys = [field.patchMergeKey]
  }
  let element: ObjectType | undefined
  return {
    relationship,
    keys: [...keys].sort(),
    get element() {
      return (element ??= schema.items === undefined ? untypedAtomic : typeOf(schema.items, undefined, preserving))
    },
  }
}

/** The part of the type that fits the value; the whole type when it is absent, null or of no form that fits. */
export function formOf(type: ObjectType, value: unknown): ObjectType {
  if (value === undefined || value === null) return type
  if (Array.isArray(value)) return type.list === undefined ? type : only(type, 'list')
  if (typeof value === 'object') return type.map === undefined ? type : only(type, 'map')
  return type.scalar === undefined ? type : only(type, 'scalar')
}

const forms = new WeakMap<ObjectType, Partial<Record<keyof ObjectType, ObjectType>>>()

function only(type: ObjectType, form: keyof ObjectType): ObjectType {
  let known = forms.get(type)
  if (known === undefined) forms.set(type, (known = {}))
  const count = (type.scalar ? 1 : 0) + (type.list ? 1 : 0) + (type.map ? 1 : 0)
  return (known[form] ??= count === 1 ? type : { [form]: type[form] })
}

export function memberType(map: MapType, name: string): ObjectType | undefined {
  return map.fields.get(name)?.type ?? map.element
}

const zeros = new WeakMap<Schema, Record<string, unknown>>()

/**
 * The object that Go's `new(Kind)` is: only what is always written, with its zero. A creation is compared with it, so
 * that managed fields do not name what nobody can leave out.
 */
export function zeroObject(schema: Schema | undefined): Record<string, unknown> {
  if (schema === undefined) return {}
  let zero = zeros.get(schema)
  if (zero === undefined) {
    zero = {}
    for (const [name, field] of schema.properties ?? []) if (field.always) zero[name] = zeroOf(field.schema)
    zeros.set(schema, zero)
  }
  return zero
}

function zeroOf(schema: Schema): unknown {
  if (schema.wrapper === 'time' || schema.wrapper === 'microTime' || schema.wrapper === 'rawExtension') return null
  if (schema.wrapper === 'quantity') return '0'
  if (schema.wrapper === 'intOrString') return 0
  switch (schema.type) {
    case 'object':
      return schema.values === undefined && schema.properties !== undefined ? zeroObject(schema) : null
    case 'string':
      return schema.format === 'byte' ? null : ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    default:
      return null
  }
}
