import type { ResourceDefinition } from '../../api/definition.ts'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import { badRequest } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { parseTime } from '../../machinery/time.ts'
import type { Query } from '../routing/query.ts'
import { booleanOption, integerOption } from './query-options.ts'

function time(text: string): string {
  try {
    parseTime(text)
    return text
  } catch (error) {
    throw badRequest((error as Error).message, { cause: error })
  }
}

/** Numbers of 16 bits, several of them with commas between (apimachinery pkg/apis/meta/v1/conversion.go). */
function ports(texts: readonly string[]): number[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const why = !/^\d+$/.test(text) ? 'invalid syntax' : Number(text) > 0xffff ? 'value out of range' : undefined
      if (why === undefined) return Number(text)
      throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${goQuote(text)}: ${why}`)
    })
}

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
    else if (name === 'sinceTime') options[name] = time(query.get(name)!)
    else if (schema.type !== 'array') options[name] = query.get(name)
    else options[name] = schema.items?.type === 'integer' ? ports(query.all(name)) : query.all(name)
  }
  return options
}
