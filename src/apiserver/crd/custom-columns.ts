import { nameColumn, timeSince } from '../../api/columns.ts'
import type { Column } from '../../api/definition.ts'
import type { CustomResourceDefinitionVersion } from '../../api/types.generated.ts'
import { findAll } from '../../machinery/jsonpath/evaluate.ts'
import { parsePath } from '../../machinery/jsonpath/parse.ts'

/** The columns that a version's additionalPrinterColumns ask for. */
export function customColumns(version: CustomResourceDefinitionVersion): readonly Column[] {
  const columns = version.additionalPrinterColumns ?? [
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since the object was created.',
      priority: 0,
      format: undefined,
    },
  ]
  return [
    nameColumn,
    ...columns.map((column): Column => {
      const steps = parsePath(column.jsonPath)
      return {
        name: column.name,
        type: column.type as Column['type'],
        format: column.format,
        priority: column.priority ?? 0,
        description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
        cell: (object, now) => cellOf(column.type, findAll(steps, object)[0], now),
      }
    }),
  ]
}

/** apiextensions pkg/registry/customresource/tableconvertor cellForJSONValue. */
function cellOf(type: string, value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'string':
      return textOf(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : timeSince(value, now)
    default:
      return null
  }
}

/** A value as text, as Go prints it in a cell or a selectable field. */
export function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
