import { jsonClone } from '../../json.ts'
import type { JsonSchema } from '../values/json-schema.ts'

const isPlainNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true

function member(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  if (schema?.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name]
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

/** Removes nulls, in place, where neither null nor a default is allowed: part of reading an object (defaulting/prunenulls.go). */
export function dropNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (Array.isArray(value)) return value.forEach((item) => dropNulls(item, schema?.items))
  if (typeof value !== 'object' || value === null) return
  const members = value as Record<string, unknown>
  for (const name of Object.keys(members)) {
    const own = member(schema, name)
    if (isPlainNull(members[name], own) && own?.default === undefined) delete members[name]
    else dropNulls(members[name], own)
  }
}

/** Sets defaults in place (apiextensions pkg/apiserver/schema/defaulting/algorithm.go). */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (isPlainNull(item, schema.items) && schema.items?.default !== undefined)
        value[index] = jsonClone(schema.items.default)
      applyDefaults(value[index], schema.items)
    })
    return
  }
  const members = value as Record<string, unknown>
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue
    if (!Object.hasOwn(members, name) || isPlainNull(members[name], property))
      members[name] = jsonClone(property.default)
  }
  for (const name of Object.keys(members)) {
    const own = member(schema, name)
    if (isPlainNull(members[name], own) && own?.default !== undefined) members[name] = jsonClone(own.default)
    applyDefaults(members[name], own)
  }
}
