import type { Field, Schema } from '../schema.ts'
import type { JsonSchema } from '../values/json-schema.ts'

/**
 * The one schema form of a custom resource's structural schema, for patching, apply and OpenAPI. The members that every
 * object has come from `metadata` (the schema of ObjectMeta), whatever the custom schema says of them.
 */
export function structuralSchema(json: JsonSchema, metadata: Schema): Schema {
  const schema = convert(json, metadata)
  const properties = new Map<string, Field>([
    ['apiVersion', { schema: { type: 'string' } }],
    ['kind', { schema: { type: 'string' } }],
    ['metadata', { schema: metadata }],
  ])
  for (const [name, field] of schema.properties ?? []) if (!properties.has(name)) properties.set(name, field)
  return { ...schema, type: 'object', properties }
}

function convert(json: JsonSchema, metadata: Schema): Schema {
  const properties =
    json.properties &&
    new Map(
      Object.entries(json.properties).map(([name, property]) => [
        name,
        { schema: convert(property, metadata), default: property.default } as Field,
      ]),
    )
  if (json['x-kubernetes-embedded-resource'] && properties) properties.set('metadata', { schema: metadata })
  return {
    type: json['x-kubernetes-int-or-string'] ? undefined : (json.type as Schema['type']),
    format: json.format,
    properties,
    values:
      typeof json.additionalProperties === 'object'
        ? convert(json.additionalProperties, metadata)
        : json.additionalProperties === true
          ? {}
          : undefined,
    items: json.items && convert(json.items, metadata),
    required: json.required,
    nullable: json.nullable,
    enum: json.enum,
    intOrString: json['x-kubernetes-int-or-string'],
    preserveUnknownFields: json['x-kubernetes-preserve-unknown-fields'],
    embeddedResource: json['x-kubernetes-embedded-resource'],
    listType: json['x-kubernetes-list-type'],
    listMapKeys: json['x-kubernetes-list-map-keys'],
    mapType: json['x-kubernetes-map-type'],
    constraints: json,
  }
}
