import type { JSONSchemaProps, ValidationRule } from '../../../../types.generated.ts'

export type Schema = JSONSchemaProps

const isList = (value: unknown): value is readonly Schema[] => Array.isArray(value)

/** The schema of a list's items; undefined, too, where each item has a schema of its own. */
export function itemsOf({ items }: Schema): Schema | undefined {
  return isList(items) ? undefined : items
}

export function additionalOf({ additionalProperties: additional }: Schema): Schema | undefined {
  return typeof additional === 'object' ? additional : undefined
}

/** Whether the schema, or one that it consists of, passes the test. */
export function schemaHas(schema: Schema | undefined, test: (schema: Schema) => boolean): boolean {
  if (schema === undefined) return false
  return test(schema) || partsOf(schema).some((part) => schemaHas(part, test))
}

function partsOf(schema: Schema): Schema[] {
  const { items, allOf, anyOf, oneOf, not, properties, patternProperties, definitions, dependencies } = schema
  const asSchemas = (...values: unknown[]) => values.filter((value) => typeof value === 'object') as Schema[]
  return [
    ...(isList(items) ? items : asSchemas(items)),
    ...[allOf, anyOf, oneOf].flatMap((list) => list ?? []),
    ...asSchemas(not),
    ...Object.values(properties ?? {}),
    ...asSchemas(schema.additionalProperties),
    ...Object.values(patternProperties ?? {}),
    ...asSchemas(schema.additionalItems),
    ...Object.values(definitions ?? {}),
    ...Object.values(dependencies ?? {}).filter((value): value is Schema => !Array.isArray(value)),
  ]
}

type Printer = (value: never) => unknown
const each: Printer = (list: readonly Schema[]) => list.map(internalSchema)
const map: Printer = (schemas: Readonly<Record<string, Schema>>) =>
  Object.fromEntries(
    Object.entries(schemas)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, internalSchema(schema)]),
  )
const orBool: Printer = (value: Schema | boolean) =>
  typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: internalSchema(value) }
const same: Printer = (value) => value

/**
 * The members of upstream's internal type in its order: their names, what they are when they are not set, and how they
 * are printed (apiextensions-apiserver pkg/apis/apiextensions/types_jsonschema.go).
 */
export const schemaMembers: readonly (readonly [member: keyof Schema, name: string, unset: unknown, print: Printer])[] =
  [
    ['id', 'ID', '', same],
    ['$schema', 'Schema', '', same],
    ['$ref', 'Ref', null, same],
    ['description', 'Description', '', same],
    ['type', 'Type', '', same],
    ['nullable', 'Nullable', false, same],
    ['format', 'Format', '', same],
    ['title', 'Title', '', same],
    ['default', 'Default', null, same],
    ['maximum', 'Maximum', null, same],
    ['exclusiveMaximum', 'ExclusiveMaximum', false, same],
    ['minimum', 'Minimum', null, same],
    ['exclusiveMinimum', 'ExclusiveMinimum', false, same],
    ['maxLength', 'MaxLength', null, same],
    ['minLength', 'MinLength', null, same],
    ['pattern', 'Pattern', '', same],
    ['maxItems', 'MaxItems', null, same],
    ['minItems', 'MinItems', null, same],
    ['uniqueItems', 'UniqueItems', false, same],
    ['multipleOf', 'MultipleOf', null, same],
    ['enum', 'Enum', null, same],
    ['maxProperties', 'MaxProperties', null, same],
    ['minProperties', 'MinProperties', null, same],
    ['required', 'Required', null, same],
    ['items', 'Items', null, ((items: Schema | readonly Schema[]) => printedItems(items)) as Printer],
    ['allOf', 'AllOf', null, each],
    ['oneOf', 'OneOf', null, each],
    ['anyOf', 'AnyOf', null, each],
    ['not', 'Not', null, ((schema: Schema) => internalSchema(schema)) as Printer],
    ['properties', 'Properties', null, map],
    ['additionalProperties', 'AdditionalProperties', null, orBool],
    ['patternProperties', 'PatternProperties', null, map],
    ['dependencies', 'Dependencies', null, same],
    ['additionalItems', 'AdditionalItems', null, orBool],
    ['definitions', 'Definitions', null, map],
    [
      'externalDocs',
      'ExternalDocs',
      null,
      ((docs: { description?: string; url?: string }) => ({
        Description: docs.description ?? '',
        URL: docs.url ?? '',
      })) as Printer,
    ],
    ['example', 'Example', null, same],
    ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields', null, same],
    ['x-kubernetes-embedded-resource', 'XEmbeddedResource', false, same],
    ['x-kubernetes-int-or-string', 'XIntOrString', false, same],
    ['x-kubernetes-list-map-keys', 'XListMapKeys', null, same],
    ['x-kubernetes-list-type', 'XListType', null, same],
    ['x-kubernetes-map-type', 'XMapType', null, same],
    [
      'x-kubernetes-validations',
      'XValidations',
      null,
      ((rules: readonly ValidationRule[]) => rules.map(internalRule)) as Printer,
    ],
  ]

export function printedItems(items: Schema | readonly Schema[]): unknown {
  return isList(items)
    ? { Schema: null, JSONSchemas: items.map(internalSchema) }
    : { Schema: internalSchema(items), JSONSchemas: null }
}

/** A rule as the internal type prints it. */
export function internalRule(rule: ValidationRule): unknown {
  return {
    Rule: rule.rule ?? '',
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  }
}

/** The schema as the internal type prints it. */
export function internalSchema(schema: Schema): Record<string, unknown> {
  return Object.fromEntries(
    schemaMembers.map(([member, name, unset, print]) => {
      const value = schema[member]
      return [name, value === undefined || value === null ? unset : print(value as never)]
    }),
  )
}
