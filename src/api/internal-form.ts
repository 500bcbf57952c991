import { isObject } from '../machinery/json.ts'
import type { Field, Schema } from '../machinery/schema/schema.ts'
import { definitionNamed } from './schema/facts.ts'

/**
 * A value as upstream shows it in errors: its internal types have Go's names for members and leave none out. Those of
 * the machinery are written as everywhere.
 */
export function internalForm(definition: string, value: unknown): unknown {
  const schema = definitionNamed(definition)
  if (schema === undefined) throw new Error(`upstream has no definition ${definition}`)
  return formOf(schema, value)
}

function formOf(schema: Schema, value: unknown): unknown {
  if (schema.name?.startsWith('io.k8s.apimachinery.')) return value
  if (schema.items && Array.isArray(value)) return value.map((item) => formOf(schema.items!, item))
  if (schema.values && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, formOf(schema.values!, each)]))
  }
  if (schema.properties === undefined) return value
  const members = isObject(value) ? value : {}
  return Object.fromEntries([...schema.properties].flatMap(([name, field]) => memberForm(name, field, members[name])))
}

function memberForm(name: string, { schema, pointer }: Field, value: unknown): [string, unknown][] {
  // Embedded there.
  if (name === 'metadata') return Object.entries(isObject(value) ? value : {})
  if (value !== undefined && value !== null) return [[goName(name), formOf(schema, value)]]
  if (pointer) return [[goName(name), null]]
  return [[goName(name), schema.properties ? formOf(schema, {}) : zeroOf(schema)]]
}

function zeroOf({ type, items, values }: Schema): unknown {
  if (items !== undefined || values !== undefined) return null
  if (type === 'string') return ''
  if (type === 'boolean') return false
  return type === 'integer' || type === 'number' ? 0 : null
}

/** Abbreviations that Go writes in capitals. */
const abbreviations = /^(api|cel|cidr|csi|id|ip|uid|url)(?=[A-Zs]|$)/

function goName(name: string): string {
  if (abbreviations.test(name)) return name.replace(abbreviations, (word) => word.toUpperCase())
  return name[0]!.toUpperCase() + name.slice(1)
}
