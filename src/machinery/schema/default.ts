import type { Draft } from '../json.ts'
import type { Field, Schema } from './schema.ts'

/** Sets what is unset in a value of a type; the draft may be changed in place. */
export type Defaulter = (draft: Record<string, unknown>) => void

/** Defaulters by the name of the type: `io.k8s.api.core.v1.Probe`, or Go's own for named maps: `v1.ResourceList`. */
export type TypeDefaults = Readonly<Record<string, Defaulter>>

/**
 * Sets all defaults in a value: at each struct first those of its type, then those of its fields, then what lies below,
 * which is the order of upstream's generated defaulters (zz_generated.defaults.go). Parts of a schema without defaults
 * are not walked.
 */
export function setDefaults(draft: Record<string, unknown>, schema: Schema, types: TypeDefaults): void {
  compiled(schema, types)?.(draft)
}

type Visit = (value: unknown) => void

const known = new WeakMap<TypeDefaults, Map<Schema, Visit | undefined>>()

function compiled(schema: Schema, types: TypeDefaults): Visit | undefined {
  let bySchema = known.get(types)
  if (bySchema === undefined) known.set(types, (bySchema = new Map()))
  if (bySchema.has(schema)) return bySchema.get(schema)
  // A type that holds itself meets this while it is being compiled.
  const made: { visit?: Visit } = {}
  bySchema.set(schema, (value) => made.visit?.(value))
  made.visit = compile(schema, types)
  bySchema.set(schema, made.visit)
  return made.visit
}

function compile(schema: Schema, types: TypeDefaults): Visit | undefined {
  const name = schema.name ?? schema.goType
  const own = name !== undefined && Object.hasOwn(types, name) ? types[name] : undefined
  if (schema.items !== undefined && schema.type === 'array') {
    const item = compiled(schema.items, types)
    return item && ((value) => (value as unknown[]).forEach(item))
  }
  if (schema.values !== undefined) {
    const member = compiled(schema.values, types)
    if (own === undefined && member === undefined) return undefined
    return (value) => {
      own?.(value as Record<string, unknown>)
      if (member !== undefined) for (const each of Object.values(value as object)) if (isSet(each)) member(each)
    }
  }
  const fields: [string, Visit][] = []
  const defaults: [string, Field][] = []
  for (const [field, declared] of schema.properties ?? []) {
    if (declared.default !== undefined && !isZero(declared)) defaults.push([field, declared])
    const visit = compiled(declared.schema, types)
    if (visit !== undefined) fields.push([field, visit])
  }
  if (own === undefined && fields.length === 0 && defaults.length === 0) return undefined
  return (value) => {
    const draft = value as Record<string, unknown>
    own?.(draft)
    for (const [field, declared] of defaults) if (isUnset(draft[field], declared)) draft[field] = copy(declared.default)
    for (const [field, visit] of fields) if (isSet(draft[field])) visit(draft[field])
  }
}

function isSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Of what is no pointer in Go, the zero is the same as unset. */
function isUnset(value: unknown, field: Field): boolean {
  if (value === undefined || value === null) return true
  return field.pointer !== true && (value === '' || value === 0)
}

/** Of what is neither a pointer nor always written, the zero is never written, and so owned by nobody. */
function isZero({ default: value, pointer, always }: Field): boolean {
  return pointer !== true && always !== true && (value === '' || value === 0 || value === false)
}

function copy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value
}

/** A defaulter that knows its type. */
export function defaulterOf<T>(defaulter: (draft: Draft<T>) => void): Defaulter {
  return (draft) => defaulter(draft as Draft<T>)
}
