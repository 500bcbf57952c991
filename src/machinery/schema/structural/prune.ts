import type { JsonSchema } from '../values/json-schema.ts'

/** What every object has, whatever its schema says; never pruned at the root and in embedded resources. */
const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/**
 * Removes from a custom resource what its schema does not name, in place, and answers the removed fields' paths, sorted
 * (apiextensions pkg/apiserver/schema/pruning).
 */
export function prune(object: Record<string, unknown>, schema: JsonSchema): string[] {
  return pruneValue(object, { ...schema, 'x-kubernetes-embedded-resource': true })
}

/** The same of any value. */
export function pruneValue(value: unknown, schema: JsonSchema): string[] {
  const removed: string[] = []
  walk(value, schema, '', removed)
  return removed.toSorted()
}

function walk(value: unknown, schema: JsonSchema | undefined, path: string, removed: string[]): void {
  const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (Array.isArray(value)) {
    const items =
      preserves && schema?.items ? { ...schema.items, 'x-kubernetes-preserve-unknown-fields': true } : schema?.items
    if (!preserves || items) value.forEach((item, index) => walk(item, items, `${path}[${index}]`, removed))
    return
  }
  if (typeof value !== 'object' || value === null) return
  const members = value as Record<string, unknown>
  for (const name of Object.keys(members)) {
    if (schema?.['x-kubernetes-embedded-resource'] && metaFields.has(name)) continue
    const child = path === '' ? name : `${path}.${name}`
    const property = schema?.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property) walk(members[name], property, child, removed)
    else if (typeof schema?.additionalProperties === 'object')
      walk(members[name], schema.additionalProperties, child, removed)
    else if (schema?.additionalProperties === true) walk(members[name], undefined, child, removed)
    else if (!preserves) {
      removed.push(child)
      delete members[name]
    }
  }
}
