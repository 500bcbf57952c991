import type { Field, Schema } from './schema.ts'

/** A schema prepared for walking objects: what to do at a value, decided once. Made at first use, kept with the schema. */
export type Plan = ScalarPlan | AnyPlan | ListPlan | MapPlan | StructPlan | SchemaOrPlan

export interface ScalarPlan {
  readonly kind: 'scalar'
  readonly schema: Schema
  readonly scalar: ScalarKind
}
export interface AnyPlan {
  readonly kind: 'any'
  readonly schema: Schema
}

export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'duration'
export type SchemaOr = 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray'

// Definitions refer to each other in circles (JSONSchemaProps), so inner plans are made when they are needed; private
// fields, since this is the innermost of all loops.
class ListPlan {
  readonly kind = 'list' as const
  readonly schema: Schema
  #items: Plan | undefined
  constructor(schema: Schema) {
    this.schema = schema
  }
  get items(): Plan {
    return (this.#items ??= planOf(this.schema.items!))
  }
}

class MapPlan {
  readonly kind = 'map' as const
  readonly schema: Schema
  #values: Plan | undefined
  constructor(schema: Schema) {
    this.schema = schema
  }
  get values(): Plan {
    return (this.#values ??= planOf(this.schema.values!))
  }
}

class SchemaOrPlan {
  readonly kind = 'schemaOr' as const
  readonly schema: Schema
  readonly other: SchemaOr
  #properties: Plan | undefined
  constructor(schema: Schema, other: SchemaOr) {
    this.schema = schema
    this.other = other
  }
  get properties(): Plan {
    return (this.#properties ??= planOf(this.schema.items!))
  }
}

export interface StructPlan {
  readonly kind: 'struct'
  readonly schema: Schema
  /** In the order in which Go writes them. */
  readonly fields: readonly FieldPlan[]
  readonly byName: ReadonlyMap<string, FieldPlan>
}

export class FieldPlan {
  readonly name: string
  readonly always: boolean
  readonly pointer: boolean
  readonly field: Field
  /** Go's names of the embedded structs that the member comes from, outermost first. */
  readonly embeddedIn: readonly string[]
  #plan: Plan | undefined

  constructor(name: string, field: Field, embeddedIn: readonly string[]) {
    this.name = name
    this.always = field.always ?? false
    this.pointer = field.pointer ?? false
    this.field = field
    this.embeddedIn = embeddedIn
  }
  get plan(): Plan {
    return (this.#plan ??= planOf(this.field.schema))
  }
}

const plans = new WeakMap<Schema, Plan>()

export function planOf(schema: Schema): Plan {
  const known = plans.get(schema)
  if (known) return known
  const plan = make(schema)
  plans.set(schema, plan)
  return plan
}

function make(schema: Schema): Plan {
  switch (schema.wrapper) {
    case 'quantity':
    case 'intOrString':
    case 'time':
    case 'microTime':
    case 'duration':
      return { kind: 'scalar', scalar: schema.wrapper, schema }
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return { kind: 'any', schema }
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return new SchemaOrPlan(schema, schema.wrapper)
    default:
  }
  if (schema.properties) return struct(schema)
  if (schema.items) return new ListPlan(schema)
  if (schema.values) return new MapPlan(schema)
  const scalar = scalarOf(schema)
  return scalar === undefined ? { kind: 'any', schema } : { kind: 'scalar', scalar, schema }
}

function scalarOf(schema: Schema): ScalarKind | undefined {
  switch (schema.type) {
    case 'string':
      return schema.format === 'byte' ? 'bytes' : 'string'
    case 'boolean':
      return 'boolean'
    case 'integer':
      return schema.format === 'int32' ? 'int32' : 'int64'
    case 'number':
      return 'double'
    default:
      return undefined
  }
}

function struct(schema: Schema): StructPlan {
  const origins = new Map<string, readonly string[]>()
  for (const { schema: inner } of schema.embedded ?? []) {
    const innerPlan = planOf(inner) as StructPlan
    for (const { name, embeddedIn } of innerPlan.fields) origins.set(name, [lastName(inner), ...embeddedIn])
  }
  const fields = [...schema.properties!].map(([name, field]) => new FieldPlan(name, field, origins.get(name) ?? []))
  return { kind: 'struct', schema, fields, byName: new Map(fields.map((field) => [field.name, field])) }
}

export function lastName(schema: Schema): string {
  return schema.name?.slice(schema.name.lastIndexOf('.') + 1) ?? ''
}
