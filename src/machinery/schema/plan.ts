import type { Field, Schema } from './schema.ts'

/** A schema prepared for walking objects: what to do at a value, decided once. Made at first use, kept with the schema. */
export type Plan =
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind; readonly schema: Schema }
  | { readonly kind: 'any'; readonly schema: Schema }
  | { readonly kind: 'list'; readonly schema: Schema; readonly items: Plan }
  | { readonly kind: 'map'; readonly schema: Schema; readonly values: Plan }
  | StructPlan
  | { readonly kind: 'schemaOr'; readonly schema: Schema; readonly properties: Plan; readonly other: SchemaOr }

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

export interface StructPlan {
  readonly kind: 'struct'
  readonly schema: Schema
  /** In the order in which Go writes them. */
  readonly fields: readonly FieldPlan[]
  readonly byName: ReadonlyMap<string, FieldPlan>
}

export interface FieldPlan {
  readonly name: string
  readonly plan: Plan
  readonly always: boolean
  readonly pointer: boolean
  readonly field: Field
  /** Go's names of the embedded structs that the member comes from, outermost first. */
  readonly embeddedIn: readonly string[]
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
      return deferred({ kind: 'schemaOr', schema, other: schema.wrapper }, 'properties', () => planOf(schema.items!))
    default:
  }
  if (schema.properties) return struct(schema)
  const { items, values } = schema
  if (items) return deferred({ kind: 'list', schema }, 'items', () => planOf(items))
  if (values) return deferred({ kind: 'map', schema }, 'values', () => planOf(values))
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
  const fields = [...schema.properties!].map(([name, field]) =>
    deferred(
      {
        name,
        always: field.always ?? false,
        pointer: field.pointer ?? false,
        field,
        embeddedIn: origins.get(name) ?? [],
      },
      'plan',
      () => planOf(field.schema),
    ),
  ) as unknown as FieldPlan[]
  return { kind: 'struct', schema, fields, byName: new Map(fields.map((field) => [field.name, field])) }
}

export function lastName(schema: Schema): string {
  return schema.name?.slice(schema.name.lastIndexOf('.') + 1) ?? ''
}

/** Definitions refer to each other in circles (JSONSchemaProps), so inner plans are made when they are needed. */
function deferred(target: object, member: string, compute: () => Plan): Plan {
  Object.defineProperty(target, member, {
    enumerable: true,
    configurable: true,
    get() {
      const value = compute()
      Object.defineProperty(target, member, { value, enumerable: true })
      return value
    },
  })
  return target as Plan
}
