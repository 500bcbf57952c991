import { additionalOf, itemsOf, type Schema } from './schema.ts'

/** Why a schema cannot be a structural one (apiextensions-apiserver pkg/apiserver/schema/convert.go NewStructural). */
export function structuralFault(schema: Schema | undefined): string | undefined {
  if (schema === undefined) return undefined
  const { not, allOf, anyOf, oneOf, items, properties } = schema
  const unsupported = unsupportedMember(schema)
  if (unsupported !== undefined) return `OpenAPIV3Schema '${unsupported}' is not supported`
  const ofValues = firstFault([not, ...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? [])])
  if (ofValues !== undefined) return ofValues
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  }
  if (Array.isArray(items) && items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  return firstFault([itemsOf(schema), ...Object.values(properties ?? {}), additionalOf(schema)])
}

function firstFault(schemas: readonly (Schema | undefined)[]): string | undefined {
  for (const schema of schemas) {
    const fault = structuralFault(schema)
    if (fault !== undefined) return fault
  }
  return undefined
}

function unsupportedMember(schema: Schema): string | undefined {
  const filled = (value: object | undefined) => Object.keys(value ?? {}).length > 0
  if (schema.id) return 'id'
  if (schema.$schema) return 'schema'
  if (schema.$ref) return '$ref'
  if (filled(schema.patternProperties)) return 'patternProperties'
  if (filled(schema.dependencies)) return 'dependencies'
  if (schema.additionalItems !== undefined) return 'additionalItems'
  return filled(schema.definitions) ? 'definitions' : undefined
}
