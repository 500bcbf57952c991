import { goQuote } from '../../../../machinery/field-error.ts'
import { supportedFormat } from '../../../../machinery/schema/values/formats.ts'
import type { JsonSchema } from '../../../../machinery/schema/values/json-schema.ts'
import type { CustomResourceDefinition } from '../../../types.generated.ts'
import { internalForm } from './internal-form.ts'
import { itemsOf, schemaHas, type Schema } from './schema/schema.ts'

/** What a definition says in vain (registry/customresourcedefinition/strategy.go); of an update, what it did not say before. */
export function definitionWarnings(crd: CustomResourceDefinition, old: CustomResourceDefinition | undefined): string[] {
  const known = { formats: new Set(unknownFormats(old)), sets: new Set(listsOfSets(old)) }
  return [
    ...unknownFormats(crd)
      .filter((format) => !known.formats.has(format))
      .map((format) => `unrecognized format ${goQuote(format)}`),
    ...listsOfSets(crd).filter((warning) => !known.sets.has(warning)),
  ]
}

function visitSchemas(crd: CustomResourceDefinition | undefined, visit: (schema: Schema) => void): void {
  if (crd === undefined) return
  const { common, versions } = internalForm(crd.spec)
  for (const { schema } of [common, ...versions])
    schemaHas(schema, (part) => {
      visit(part)
      return false
    })
}

function unknownFormats(crd: CustomResourceDefinition | undefined): string[] {
  const formats: string[] = []
  visitSchemas(crd, (schema) => {
    const { type, format } = schema
    if (format && supportedFormat({ type, format } as JsonSchema) === undefined) formats.push(format)
  })
  return formats
}

function listsOfSets(crd: CustomResourceDefinition | undefined): string[] {
  const warnings = new Set<string>()
  visitSchemas(crd, (schema) => {
    const type = itemsOf(schema)?.type
    if (schema['x-kubernetes-list-type'] !== 'set' || (type !== 'object' && type !== 'array')) return
    warnings.add(
      `x-kubernetes-list-type: set for items of type ${goQuote(type)} is not supported by server-side apply or CEL validation rules`,
    )
  })
  return [...warnings].toSorted()
}
