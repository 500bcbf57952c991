import { fieldErrors, type FieldError } from '../../field-error.ts'
import { isObject } from '../../json.ts'
import type { JsonSchema } from '../values/json-schema.ts'

/** Finds items that are there twice in lists that are sets or maps (apiextensions pkg/apiserver/schema/listtype). */
export function checkListTypes(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined) return []
  if (Array.isArray(value)) {
    const own =
      schema['x-kubernetes-list-type'] === 'set'
        ? duplicates(value, value, path)
        : schema['x-kubernetes-list-type'] === 'map'
          ? checkMap(value, schema, path)
          : []
    return [...own, ...value.flatMap((item, index) => checkListTypes(item, schema.items, `${path}[${index}]`))]
  }
  if (!isObject(value)) return []
  return Object.keys(value).flatMap((name) => {
    const known = schema.properties && Object.hasOwn(schema.properties, name)
    if (known) return checkListTypes(value[name], schema.properties?.[name], path === '' ? name : `${path}.${name}`)
    return typeof schema.additionalProperties === 'object'
      ? checkListTypes(value[name], schema.additionalProperties, `${path}[${name}]`)
      : []
  })
}

function checkMap(items: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const wrong = items.findIndex((item) => item !== null && !isObject(item))
  if (wrong >= 0)
    return [fieldErrors.invalid(`${path}[${wrong}]`, items[wrong], 'must be an object for an array of list-type map')]
  const keys = items.map((item) =>
    Object.fromEntries(
      (schema['x-kubernetes-list-map-keys'] ?? [])
        .filter((key) => isObject(item) && key in item)
        .map((key) => [key, (item as Record<string, unknown>)[key]]),
    ),
  )
  return duplicates(keys, keys, path)
}

/** One error at the second place of each value that is there more than once. */
function duplicates(identities: readonly unknown[], shown: readonly unknown[], path: string): FieldError[] {
  const seen = new Map<string, number>()
  return identities.flatMap((identity, index) => {
    const key = JSON.stringify(identity)
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    return times === 2 ? [fieldErrors.duplicate(`${path}[${index}]`, shown[index])] : []
  })
}
