import { RE2JS } from 're2js'
import { errorText, fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../../machinery/json.ts'
import { validateCompleteness } from './completeness.ts'
import { additionalOf, itemsOf, type Schema } from './schema.ts'

/** Whether a schema is structural (apiextensions-apiserver pkg/apiserver/schema/validation.go ValidateStructural). */
export function validateStructural(schema: Schema, field: string): FieldError[] {
  const errors = [...validateInvariants(schema, 'root', field), ...validateCompleteness(schema, field)]
  return errors.toSorted((a, b) => (errorText(a) < errorText(b) ? -1 : 1))
}

type Level = 'root' | 'item' | 'field'
const untyped: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function validateInvariants(schema: Schema | undefined, level: Level, field: string): FieldError[] {
  if (schema === undefined) return []
  const { type = '', properties = {}, items } = schema
  const additional = additionalOf(schema)
  const errors: FieldError[] = []
  if (type === 'array' && items === undefined) errors.push(fieldErrors.required(`${field}.items`, 'must be specified'))
  errors.push(...validateInvariants(itemsOf(schema), 'item', `${field}.items`))
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...validateInvariants(property, 'field', `${field}.properties[${name}]`))
  }
  if (schema.additionalProperties !== undefined && level === 'root') {
    errors.push(fieldErrors.forbidden(`${field}.additionalProperties`, 'must not be used at the root'))
  }
  errors.push(...validateInvariants(additional, 'field', `${field}.additionalProperties`))
  errors.push(...validateExtensions(schema, field))
  errors.push(...validateValues(schema, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf), field))
  errors.push(...validateType(schema, level, field))
  if (level === 'root' || schema['x-kubernetes-embedded-resource']) errors.push(...validateMetaTypes(properties, field))
  const { metadata } = properties
  if (level === 'root' && metadata) errors.push(...validateMetadata(metadata, `${field}.properties[metadata]`))
  if (isHollow(schema)) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(fieldErrors.required(`${field}.properties`, detail))
  }
  return errors
}

/** An embedded resource of which nothing would be kept. */
function isHollow(schema: Schema): boolean {
  const { properties = {} } = schema
  if (!schema['x-kubernetes-embedded-resource'] || schema['x-kubernetes-preserve-unknown-fields']) return false
  return Object.keys(properties).length === 0
}

function validateType(schema: Schema, level: Level, field: string): FieldError[] {
  const { type = '' } = schema
  const embedded = schema['x-kubernetes-embedded-resource']
  const errors: FieldError[] = []
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(
      type ? fieldErrors.invalid(`${field}.type`, type, detail) : fieldErrors.required(`${field}.type`, detail),
    )
  } else if (!type && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(fieldErrors.required(`${field}.type`, untyped[level]))
  }
  if (embedded && schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set'
    errors.push(fieldErrors.forbidden(`${field}.additionalProperties`, detail))
  }
  if (level === 'root' && type && type !== 'object') {
    errors.push(fieldErrors.invalid(`${field}.type`, type, 'must be object at the root'))
  }
  return errors
}

function validateMetaTypes(properties: Readonly<Record<string, Schema>>, field: string): FieldError[] {
  const wanted = { kind: 'string', apiVersion: 'string', metadata: 'object' }
  return Object.entries(wanted).flatMap(([name, type]) => {
    const property = properties[name]
    if (!property || property.type === type) return []
    return [fieldErrors.invalid(`${field}.properties[${name}].type`, property.type ?? '', `must be ${type}`)]
  })
}

/** Of an object's metadata its schema says how it is named, at most. */
function validateMetadata(metadata: Schema, field: string): FieldError[] {
  const { type: _, default: __, properties = {}, ...rest } = metadata
  const names = Object.keys(properties)
  if (Object.keys(rest).length === 0 && names.every((name) => name === 'name' || name === 'generateName')) return []
  const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
  return [fieldErrors.forbidden(field, detail)]
}

function isIntOrString(anyOf: readonly Schema[] | undefined): boolean {
  return jsonEqual(anyOf, [{ type: 'integer' }, { type: 'string' }])
}

function validateExtensions(schema: Schema, field: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return []
  return (['preserve-unknown-fields', 'embedded-resource'] as const)
    .filter((name) => schema[`x-kubernetes-${name}`])
    .map((name) => {
      const detail = 'must be false if x-kubernetes-int-or-string is true'
      return fieldErrors.invalid(`${field}.x-kubernetes-${name}`, true, detail)
    })
}

/** `skipAnyOf`, `skipFirst`: that alternatives are those of an integer or a string, in anyOf or first in allOf. */
function validateValues(schema: Schema, skipAnyOf: boolean, skipFirst: boolean, field: string): FieldError[] {
  const { anyOf, allOf, oneOf, not, pattern } = schema
  const each = (list: readonly Schema[] | undefined, name: string) =>
    (list ?? []).flatMap((one, index) => validateNested(one, false, `${field}.${name}[${index}]`))
  const errors = skipAnyOf ? [] : each(anyOf, 'anyOf')
  for (const [index, one] of (allOf ?? []).entries()) {
    errors.push(...validateNested(one, skipFirst && index === 0, `${field}.allOf[${index}]`))
  }
  errors.push(...each(oneOf, 'oneOf'), ...validateNested(not, false, `${field}.not`))
  const fault = pattern ? patternFault(pattern) : undefined
  if (fault !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${fault}`
    errors.push(fieldErrors.invalid(`${field}.pattern`, pattern, detail))
  }
  return errors
}

function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const forbiddenTexts: readonly [member: keyof Schema, text: string][] = [
  ['default', 'must be undefined'],
  ['title', 'must be empty'],
  ['description', 'must be empty'],
  ['nullable', 'must be false'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false'],
  ['x-kubernetes-embedded-resource', 'must be false'],
  ['x-kubernetes-int-or-string', 'must be false'],
  ['x-kubernetes-list-map-keys', 'must be empty'],
  ['x-kubernetes-list-type', 'must be undefined'],
  ['x-kubernetes-map-type', 'must be undefined'],
  ['x-kubernetes-validations', 'must be empty'],
]

/** Below allOf and its like values are restricted, not declared. */
function validateNested(schema: Schema | undefined, skipAnyOf: boolean, field: string): FieldError[] {
  if (schema === undefined) return []
  const { type, properties = {}, additionalProperties } = schema
  const errors = validateValues(schema, skipAnyOf, false, field)
  errors.push(...validateNested(itemsOf(schema), false, `${field}.items`))
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...validateNested(property, false, `${field}.properties[${name}]`))
  }
  const forbid = (member: string, text: string) =>
    errors.push(fieldErrors.forbidden(`${field}.${member}`, `${text} to be structural`))
  if (type) forbid('type', 'must be empty')
  if (additionalProperties) forbid('additionalProperties', 'must be undefined')
  for (const [member, text] of forbiddenTexts) {
    const value = schema[member]
    const isSet = Array.isArray(value) ? value.length > 0 : member === 'default' ? value != null : Boolean(value)
    if (isSet) forbid(member, text)
  }
  if (Object.hasOwn(properties, 'metadata')) {
    errors.push(fieldErrors.forbidden(`${field}.properties[metadata]`, 'must not be specified in a nested context'))
  }
  return errors
}
