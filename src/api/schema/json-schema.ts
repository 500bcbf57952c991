import type { Schema } from '../../machinery/schema/schema.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'
import { schemaOfKind } from './facts.ts'

/**
 * The schema of a built-in kind as a custom one would be written, for those that only know these: what is in it again
 * within itself is an object of which nothing is known (apiserver pkg/cel/openapi/resolver).
 */
export function jsonSchemaOfKind(group: string, version: string, kind: string): JsonSchema | undefined {
  const schema = schemaOfKind(group, version, kind)
  return schema && convert(schema, new Set())
}

/** Of types that are one value in JSON; a quantity is a text or a number, of which expressions see nothing. */
const wrapped: Readonly<Record<NonNullable<Schema['wrapper']>, JsonSchema>> = {
  quantity: {},
  intOrString: { 'x-kubernetes-int-or-string': true },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string' },
  rawExtension: { type: 'object' },
  fieldsV1: { type: 'object' },
  json: {},
  stringList: { type: 'array', items: { type: 'string' } },
  schemaOrArray: {},
  schemaOrBool: {},
  schemaOrStringArray: {},
}

function convert(schema: Schema, within: ReadonlySet<string>): JsonSchema {
  if (schema.wrapper !== undefined) return wrapped[schema.wrapper]
  const { name, type, format, items, values, properties, required } = schema
  if (name !== undefined && within.has(name)) return { type: 'object' }
  const inside = name === undefined ? within : new Set([...within, name])
  return {
    ...(type !== undefined && { type }),
    ...(format !== undefined && { format }),
    ...(required !== undefined && { required }),
    ...(items !== undefined && { items: convert(items, inside) }),
    ...(values !== undefined && { additionalProperties: convert(values, inside) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries([...properties].map(([field, { schema: of }]) => [field, convert(of, inside)])),
    }),
  }
}
