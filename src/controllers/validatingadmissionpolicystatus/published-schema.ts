import { isReason } from '../../machinery/errors.ts'
import { isObject } from '../../machinery/json.ts'
import type { Transport } from '../../client/transport.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'

type Definition = Readonly<Record<string, unknown>>

/** The schema of a kind as its server publishes it, in one piece; undefined: it publishes none. */
export async function publishedSchema(transport: Transport, kind: GroupVersionKind): Promise<JsonSchema | undefined> {
  const { group, version } = kind
  const path = group === '' ? `/openapi/v3/api/${version}` : `/openapi/v3/apis/${group}/${version}`
  let body: unknown
  try {
    ;({ body } = await transport.request({ method: 'GET', path }))
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
  const { components } = body as { components?: { schemas?: Readonly<Record<string, Definition>> } }
  return schemaIn(components?.schemas ?? {}, kind)
}

/** What is in a definition again within itself is an object of which nothing is known (apiserver pkg/cel/openapi/resolver). */
export function schemaIn(
  definitions: Readonly<Record<string, Definition>>,
  { group, version, kind }: GroupVersionKind,
): JsonSchema | undefined {
  const isIt = (gvk: unknown) =>
    isObject(gvk) && gvk['group'] === group && gvk['version'] === version && gvk['kind'] === kind
  const found = Object.entries(definitions).find(([, definition]) => {
    const kinds = definition['x-kubernetes-group-version-kind']
    return Array.isArray(kinds) && kinds.some(isIt)
  })
  if (found === undefined) return undefined
  const resolve = (definition: Definition, within: ReadonlySet<string>): JsonSchema => {
    const name = referenceOf(definition)
    if (name !== undefined) {
      if (within.has(name)) return { type: 'object' }
      return resolve(definitions[name] ?? {}, new Set([...within, name]))
    }
    const { properties, items, additionalProperties } = definition
    return {
      ...(definition as JsonSchema),
      ...(isObject(properties) && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([member, of]) => [member, resolve(of as Definition, within)]),
        ),
      }),
      ...(isObject(items) && { items: resolve(items, within) }),
      ...(isObject(additionalProperties) && { additionalProperties: resolve(additionalProperties, within) }),
    }
  }
  return resolve(found[1], new Set([found[0]]))
}

/** A reference may lie in allOf, so that it can have a description. */
function referenceOf({ $ref, allOf }: Definition): string | undefined {
  const reference = $ref ?? (Array.isArray(allOf) ? (allOf as Definition[]).find((one) => one.$ref)?.$ref : undefined)
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined
}
