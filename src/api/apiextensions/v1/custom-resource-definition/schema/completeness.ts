import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { itemsOf, type Schema } from './schema.ts'

/**
 * What allOf and its like restrict must be declared beside them (apiextensions-apiserver pkg/apiserver/schema/complete.go).
 */
export function validateCompleteness(schema: Schema, field: string): FieldError[] {
  return validateValues(schema, schema, field, field)
}

/** `restriction`, at `at`, of what `schema`, at `field`, declares. */
function validateValues(restriction: Schema, schema: Schema, field: string, at: string): FieldError[] {
  const { not, allOf, anyOf, oneOf } = restriction
  const lists = { allOf, anyOf, oneOf }
  return [
    ...(not ? validateNested(not, schema, field, `${at}.not`) : []),
    ...Object.entries(lists).flatMap(([name, list]) =>
      (list ?? []).flatMap((one, index) => validateNested(one, schema, field, `${at}.${name}[${index}]`)),
    ),
  ]
}

function validateNested(
  restriction: Schema | undefined,
  schema: Schema | undefined,
  field: string,
  at: string,
): FieldError[] {
  if (restriction === undefined) return []
  if (schema === undefined) return [fieldErrors.required(field, `because it is defined in ${at}`)]
  const errors = validateValues(restriction, schema, field, at)
  errors.push(...validateNested(itemsOf(restriction), itemsOf(schema), `${field}.items`, `${at}.items`))
  for (const [name, one] of Object.entries(restriction.properties ?? {})) {
    const member = `.properties[${name}]`
    errors.push(...validateNested(one, schema.properties?.[name], `${field}${member}`, `${at}${member}`))
  }
  return errors
}
