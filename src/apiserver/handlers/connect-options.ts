import type { ResourceDefinition } from '../../api/definition.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { Query } from '../routing/query.ts'
import { booleanOption, integerOption } from './query-options.ts'

/**
 * The query of a connection as the object that admission sees, PodExecOptions for one: values have the types of the kind's
 * fields. Throws BadRequest for a number that is none.
 */
export function connectOptions(definition: ResourceDefinition, kind: string, query: Query): Record<string, unknown> {
  const options: Record<string, unknown> = { kind, apiVersion: apiVersionOf(definition) }
  const fields = schemaOfKind(definition.group, definition.version, kind)?.properties ?? new Map()
  for (const [name, { schema }] of fields) {
    if (!query.has(name) || name === 'kind' || name === 'apiVersion') continue
    if (schema.type === 'boolean') options[name] = booleanOption(query, name)
    else if (schema.type === 'integer') options[name] = integerOption(query, name)
    else if (schema.type !== 'array') options[name] = query.get(name)
    else options[name] = schema.items?.type === 'integer' ? query.all(name).map(Number) : query.all(name)
  }
  return options
}
