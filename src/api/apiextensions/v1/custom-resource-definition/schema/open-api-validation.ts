import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { validateKeyValues, validateListTypes } from './list-key-validation.ts'
import { childContext, type RuleContext } from './rule-context.ts'
import { validateExpressions, validateRules } from './rule-validation.ts'
import { additionalOf, itemsOf, type Schema } from './schema.ts'
import type { SchemaStrictness } from './schema-strictness.ts'

/** What is wrong with a schema, and what with its rules, which come after. */
interface Findings {
  readonly schema: FieldError[]
  readonly rules: FieldError[]
}

/** What holds for a schema and all within it. */
interface Surroundings {
  readonly strictness: SchemaStrictness
  /** Why there may be no defaults. */
  readonly noDefaults?: string
  readonly insideMetadata: boolean
  /** The outermost schema whose parts before and after an update cannot be told to be the same. */
  readonly uncorrelatable?: string
}

/**
 * What OpenAPI and Kubernetes' additions to it ask of a schema (apiextensions pkg/apis/apiextensions/validation
 * ValidateCustomResourceDefinitionOpenAPISchema). `context`: absent where rules are not to be checked.
 */
export function validateOpenApi(
  schema: Schema,
  field: string,
  strictness: SchemaStrictness,
  context: RuleContext | undefined,
): FieldError[] {
  const findings = validate(schema, field, { strictness, insideMetadata: false }, true, context)
  return [...findings.schema, ...findings.rules]
}

const metaFields: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion'])

function validate(
  schema: Schema | undefined,
  field: string,
  around: Surroundings,
  isRoot: boolean,
  context: RuleContext | undefined,
): Findings {
  if (!schema) return { schema: [], rules: [] }
  const errors = validateMembers(schema, field, around)
  const rules: FieldError[] = []
  const visit = (part: Schema | undefined, at: string, inside: Surroundings, ruled: boolean) => {
    const next = ruled ? childContext(context, part) : undefined
    const found = validate(part, `${field}.${at}`, inside, false, next)
    errors.push(...found.schema)
    rules.push(...found.rules)
  }
  if (schema.uniqueItems) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(fieldErrors.forbidden(`${field}.uniqueItems`, detail))
  }
  const { properties = {}, additionalProperties, not, items } = schema
  if (additionalProperties !== undefined && additionalProperties !== null) {
    if (Object.keys(properties).length > 0 && additionalProperties !== true) {
      const detail = 'additionalProperties and properties are mutual exclusive'
      errors.push(fieldErrors.forbidden(`${field}.additionalProperties`, detail))
    }
    const noDefaults = 'inside additionalProperties applying to object metadata'
    const inside = around.insideMetadata ? { ...around, noDefaults } : around
    visit(additionalOf(schema), 'additionalProperties', inside, true)
  }
  for (const [name, property] of Object.entries(properties))
    visit(property, `properties[${name}]`, insideProperty(schema, name, field, around, isRoot), true)
  visit(not, 'not', around, false)
  for (const list of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [index, one] of (schema[list] ?? []).entries()) visit(one, `${list}[${index}]`, around, false)
  for (const [name, one] of Object.entries(schema.definitions ?? {})) visit(one, `definitions[${name}]`, around, false)
  if (items) {
    // What a list of type set holds is known by its value: there is no before of it.
    const inside = schema['x-kubernetes-list-type'] === 'map' ? around : uncorrelatableAt(around, field)
    visit(itemsOf(schema), 'items', inside, true)
    if (Array.isArray(items))
      for (const [index, one] of (items as readonly Schema[]).entries()) visit(one, `items[${index}]`, inside, true)
  }
  for (const [name, one] of Object.entries(schema.dependencies ?? {}))
    if (!Array.isArray(one)) visit(one as Schema, `dependencies[${name}]`, around, false)
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = `${field}.x-kubernetes-preserve-unknown-fields`
    errors.push(fieldErrors.invalid(at, false, 'must be true or undefined'))
  }
  const { strictness, uncorrelatable } = around
  errors.push(...validateListTypes(schema, field, strictness.atomicSetItems))
  if (strictness.completeKeys) errors.push(...validateKeyValues(schema, field))
  errors.push(...validateRules(schema, field))
  // Of a schema that is not valid its rules tell nothing that helps.
  if (errors.length === 0 && context !== undefined)
    rules.push(...validateExpressions(context, field, uncorrelatable, strictness))
  return { schema: errors, rules }
}

function uncorrelatableAt(around: Surroundings, field: string): Surroundings {
  return around.uncorrelatable === undefined ? { ...around, uncorrelatable: field } : around
}

function insideProperty(
  schema: Schema,
  name: string,
  field: string,
  around: Surroundings,
  isRoot: boolean,
): Surroundings {
  const { 'x-kubernetes-map-type': mapType, 'x-kubernetes-embedded-resource': embedded } = schema
  const correlatable = mapType === undefined || mapType === 'granular' || mapType === 'atomic'
  const inside = correlatable ? around : uncorrelatableAt(around, field)
  if (!(isRoot || embedded) || !metaFields.has(name)) return inside
  return { ...inside, insideMetadata: true, ...(isRoot && { noDefaults: `in top-level ${name}` }) }
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** specStandardValidatorV3. */
function validateMembers(schema: Schema, field: string, around: Surroundings): FieldError[] {
  const { type = '', items } = schema
  const errors: FieldError[] = []
  const forbid = (member: string, detail = `${member} is not supported`) =>
    errors.push(fieldErrors.forbidden(`${field}.${member}`, detail))
  const isFilled = (value: object | undefined) => Object.keys(value ?? {}).length > 0
  if (around.strictness.knownTypes && type && !types.includes(type))
    errors.push(fieldErrors.notSupported(`${field}.type`, type, types))
  if (around.noDefaults !== undefined && (schema.default ?? undefined) !== undefined)
    forbid('default', `must not be set ${around.noDefaults}`)
  if (schema.id) forbid('id')
  if (schema.additionalItems !== undefined) forbid('additionalItems')
  if (isFilled(schema.patternProperties)) forbid('patternProperties')
  if (isFilled(schema.definitions)) forbid('definitions')
  if (schema.dependencies !== undefined) forbid('dependencies')
  if (schema.$ref !== undefined) forbid('$ref')
  if (type === 'null') forbid('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(items) && items.length > 0) forbid('items', 'items must be a schema object and not an array')
  if (around.insideMetadata && schema['x-kubernetes-embedded-resource'])
    forbid('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  return errors
}
