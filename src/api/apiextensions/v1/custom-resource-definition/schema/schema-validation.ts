import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import type { JsonSchema } from '../../../../../machinery/schema/values/json-schema.ts'
import { validateDefaults } from './default-validation.ts'
import { validateOpenApi } from './open-api-validation.ts'
import { type RuleContext, rootContext } from './rule-context.ts'
import { internalSchema, type Schema, schemaMembers } from './schema.ts'
import type { SchemaStrictness } from './schema-strictness.ts'
import { structuralFault } from './structural-fault.ts'
import { validateStructural } from './structural-validation.ts'

/** A version's schema, from its root (validation.go validateCustomResourceDefinitionValidation). `field`: without `.openAPIV3Schema`. */
export function validateSchema(
  schema: Schema | undefined,
  field: string,
  hasStatus: boolean,
  strictness: SchemaStrictness,
): FieldError[] {
  if (!schema) return []
  const at = `${field}.openAPIV3Schema`
  const errors = hasStatus ? validateRootMembers(schema, at) : []
  if (schema.nullable) errors.push(fieldErrors.forbidden(`${at}.nullable`, 'nullable cannot be true at the root'))
  let context: RuleContext | undefined
  const fault = strictness.structural ? structuralFault(schema) : undefined
  if (strictness.structural && fault === undefined) {
    const faults = validateStructural(schema, at)
    if (faults.length === 0) faults.push(...validateDefaults(schema as JsonSchema, at, strictness.prunedDefaults))
    errors.push(...faults)
    if (faults.length === 0) context = rootContext(schema)
  }
  errors.push(...validateOpenApi(schema, at, strictness, context))
  // What keeps a schema from being structural is mostly found by the others too, who say it better.
  if (errors.length === 0 && fault !== undefined) errors.push(fieldErrors.invalid(at, '', fault))
  if (context !== undefined) errors.push(...context.total.errors(at))
  return errors
}

const rootMembers =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'.split(
    ' ',
  )

/** The status is validated by its own schema alone, so that no more than that may be said of it at the root. */
function validateRootMembers(schema: Schema, field: string): FieldError[] {
  for (const [member, name, unset] of schemaMembers) {
    const value = schema[member] ?? unset
    if (value === unset || (Array.isArray(value) && value.length === 0)) continue
    if (name === 'Type') {
      if (value === 'object') continue
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      return [fieldErrors.invalid(`${field}.type`, value, detail)]
    }
    if (rootMembers.includes(name)) continue
    const detail = `only [${rootMembers.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
    return [fieldErrors.invalid(field, internalSchema(schema), detail)]
  }
  return []
}
