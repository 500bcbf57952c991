import { declaredStructs } from '../../cel/declared-structs.ts'
import type { StructTypes } from '../../cel/environment.ts'
import { maxRequestBytes } from '../../cel/libraries/kubernetes.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectType,
  stringType,
  timestampType,
  type Type,
} from '../../cel/type.ts'
import type { JsonSchema } from '../values/json-schema.ts'
import { escapeIdentifier } from './identifier-escape.ts'

/** What expressions know of the values of a schema, and how large these can be (apiserver pkg/cel/types.go). */
export interface DeclaredType {
  /** Of a list, a map or a struct it lacks the names of the structs: see `nameTypes`. */
  readonly type: Type
  /** How many items, members or bytes a value may have; 0 for what has no size. */
  readonly maxElements: number
  /** The fewest bytes that a value takes as JSON. */
  readonly minBytes: number
  /** Of a struct: by the names that expressions use. */
  readonly fields?: ReadonlyMap<string, DeclaredType>
  /** Of a map. */
  readonly key?: DeclaredType
  /** Of a map or list. */
  readonly element?: DeclaredType
}

const simple = (type: Type, minBytes: number, maxElements = 0): DeclaredType => ({ type, minBytes, maxElements })
/** Without their quotes. */
const maxStringBytes = maxRequestBytes - 2
const stringKey = simple(stringType, 2)
const unnamed = objectType('object')

/**
 * The type of a schema's values; undefined: expressions cannot see them (apiserver pkg/cel/common/schemas.go). `root`:
 * of a resource, or of one that is embedded.
 */
export function declareType(schema: JsonSchema, root: boolean): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string'])
    return simple(dynType, 1, schema.maxLength === undefined ? maxStringBytes : positive(schema.maxLength) * 4)
  switch (schema.type) {
    case 'array':
      return declareList(schema)
    case 'object':
      return declareObject(root ? withObjectMembers(schema) : schema)
    case 'string':
      return declareString(schema)
    case 'boolean':
      return simple(boolType, 4)
    case 'number':
      return simple(doubleType, 1)
    case 'integer':
      return simple(intType, 1)
    default:
      return undefined
  }
}

const positive = (count: number) => Math.max(0, count)
const isEmbedded = (schema: JsonSchema) => schema['x-kubernetes-embedded-resource'] === true

function declareList({ items, maxItems }: JsonSchema): DeclaredType | undefined {
  const element = items && declareType(items, isEmbedded(items))
  if (element === undefined) return undefined
  const most = maxItems === undefined ? Math.floor((maxRequestBytes - 2) / (element.minBytes + 1)) : positive(maxItems)
  return { type: listOf(dynType), element, minBytes: 2, maxElements: most }
}

function declareObject(schema: JsonSchema): DeclaredType | undefined {
  const { additionalProperties, properties = {}, required = [], maxProperties } = schema
  if (typeof additionalProperties === 'object') {
    const element = declareType(additionalProperties, isEmbedded(additionalProperties))
    if (element === undefined) return undefined
    const most =
      maxProperties === undefined ? Math.floor((maxRequestBytes - 2) / (element.minBytes + 6)) : positive(maxProperties)
    return { type: mapOf(stringType, dynType), key: stringKey, element, minBytes: 2, maxElements: most }
  }
  const fields = new Map<string, DeclaredType>()
  let minBytes = 2
  for (const [name, property] of Object.entries(properties)) {
    const field = declareType(property, isEmbedded(property))
    if (field === undefined) continue
    const escaped = escapeIdentifier(name)
    if (escaped !== undefined) fields.set(escaped, field)
    // What is set by default need not be sent.
    if (required.includes(name) && (property.default === undefined || property.default === null))
      minBytes += Buffer.byteLength(name) + field.minBytes + 4
  }
  return { type: unnamed, fields, minBytes, maxElements: 0 }
}

function declareString({ format, maxLength, enum: values }: JsonSchema): DeclaredType {
  switch (format) {
    case 'byte':
      return simple(bytesType, 2, maxLength === undefined ? maxStringBytes : positive(maxLength))
    case 'duration':
      return simple(durationType, 3, 32)
    case 'date':
      return simple(timestampType, 12, 12)
    case 'date-time':
      return simple(timestampType, 21, 32)
  }
  // A character takes up to four bytes.
  if (maxLength !== undefined) return simple(stringType, 2, positive(maxLength) * 4)
  if (values === undefined || values.length === 0) return simple(stringType, 2, maxStringBytes)
  const sizes = values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0))
  return simple(stringType, 2, Math.max(...sizes))
}

const maxNameLength = 253
const string: JsonSchema = { type: 'string' }
const isString = (schema: JsonSchema | undefined) => schema?.type === 'string'

/**
 * The schema with what rules see of every resource: apiVersion, kind, metadata.name and metadata.generateName
 * (apiextensions pkg/apiserver/schema/cel/model/schemas.go).
 */
export function withObjectMembers(schema: JsonSchema): JsonSchema {
  const { kind, apiVersion, metadata } = schema.properties ?? {}
  const known = metadata?.properties
  const complete =
    isString(kind) &&
    isString(apiVersion) &&
    metadata?.type === 'object' &&
    isString(known?.['name']) &&
    isString(known?.['generateName'])
  if (complete) return schema
  const capped = (name: string, most: number) => ({
    type: 'string',
    maxLength: Math.min(known?.[name]?.maxLength ?? most, most),
  })
  const names = {
    name: capped('name', maxNameLength),
    // At least one character is added to it.
    generateName: capped('generateName', maxNameLength - 1),
  }
  const own = { kind: string, apiVersion: string, metadata: { type: 'object', properties: names } }
  return { ...schema, properties: { ...schema.properties, ...own } }
}

/** The type with names for its structs, which follow from `name` and where they stand, and what these names mean. */
export function nameTypes(
  declared: DeclaredType,
  name: string,
): { readonly type: Type; readonly structs: StructTypes } {
  const structs: Record<string, Record<string, Type>> = {}
  const visit = ({ type, fields, key, element }: DeclaredType, at: string): Type => {
    if (fields !== undefined) {
      structs[at] = Object.fromEntries([...fields].map(([field, of]) => [field, visit(of, `${at}.${field}`)]))
      return objectType(at)
    }
    if (element === undefined) return type
    return key === undefined ? listOf(visit(element, `${at}.@idx`)) : mapOf(key.type, visit(element, `${at}.@elem`))
  }
  const type = visit(declared, name)
  return { type, structs: declaredStructs(structs) }
}

/** What lies at the path of a variable, without the variable's name: see CostNode. */
export function declaredAt(root: DeclaredType, path: readonly string[]): DeclaredType | undefined {
  let current: DeclaredType | undefined = root
  for (const name of path) {
    if (current === undefined) return undefined
    if (name === '@items' || name === '@values') current = current.element
    else current = name === '@keys' ? current.key : current.fields?.get(name)
  }
  return current
}
