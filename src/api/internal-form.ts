import forms from './schema/internal-forms.generated.json' with { type: 'json' }
import { fieldErrors, type FieldError } from '../machinery/field-error.ts'
import { isObject, jsonEqual } from '../machinery/json.ts'
import { memberAsSaid } from '../machinery/emptied.ts'
import type { Field, Schema } from '../machinery/schema/schema.ts'
import { fieldImmutableMessage } from '../machinery/validation/message-text.ts'
import { definitionNamed } from './schema/facts.ts'

/**
 * A value as upstream shows it in errors: its internal types have Go's names for members, in their own order, and leave
 * none out (scripts/generate/internal-forms.ts). Those of the machinery are written as everywhere.
 */
export function internalForm(definition: string, value: unknown): unknown {
  const schema = definitionNamed(definition)
  if (schema === undefined) throw new Error(`upstream has no definition ${definition}`)
  return formOf(schema, value)
}

/** The refusal of a change of what must stay (ValidateImmutableField), of a value or a list of such. */
export function validateImmutableInternal(
  definition: string,
  value: unknown,
  old: unknown,
  field: string,
): FieldError[] {
  if (jsonEqual(value ?? null, old ?? null)) return []
  const shown = Array.isArray(value)
    ? value.map((item) => internalForm(definition, item))
    : internalForm(definition, value)
  return [fieldErrors.invalid(field, shown, fieldImmutableMessage)]
}

interface Member {
  readonly goName: string
  readonly name: string
  readonly field: Field
}

const known = new Map<Schema, readonly Member[]>()

function formOf(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (schema.wrapper !== undefined || schema.name?.startsWith('io.k8s.apimachinery.')) return value
  if (schema.items && Array.isArray(value)) return value.map((item) => formOf(schema.items!, item))
  if (schema.values && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, formOf(schema.values!, each)]))
  }
  if (schema.properties === undefined || !isObject(value)) return value
  return Object.fromEntries(membersOf(schema).flatMap((member) => shown(member, memberAsSaid(value, member.name))))
}

function shown({ goName, name, field }: Member, value: unknown): [string, unknown][] {
  // Embedded there.
  if (name === 'metadata') return Object.entries(isObject(value) ? value : {})
  if (value !== undefined && value !== null) return [[goName, formOf(field.schema, value)]]
  return [[goName, field.pointer ? null : zeroOf(field.schema)]]
}

function zeroOf(schema: Schema): unknown {
  const { type, format, items, values, wrapper, properties } = schema
  if (properties !== undefined && wrapper === undefined) return formOf(schema, {})
  if (wrapper === 'quantity' || wrapper === 'intOrString') return '0'
  if (items !== undefined || values !== undefined || wrapper !== undefined) return null
  if (type === 'string') return format === 'byte' ? null : ''
  if (type === 'boolean') return false
  return type === 'integer' || type === 'number' ? 0 : null
}

const unpublished: Schema = { type: 'integer' }

function membersOf(schema: Schema): readonly Member[] {
  const before = known.get(schema)
  if (before !== undefined) return before
  const members = readMembers(schema)
  known.set(schema, members)
  return members
}

function readMembers(schema: Schema): Member[] {
  const properties = schema.properties!
  const [, group, version, type] = /^io\.k8s\.api\.(\w+)\.(\w+)\.(\w+)$/.exec(schema.name ?? '') ?? []
  const tokens = (forms as Readonly<Record<string, string>>)[`${group}/${version}.${type}`]
  if (tokens === undefined) {
    return [...properties].map(([name, field]) => ({ goName: goNameOf(name), name, field }))
  }
  return tokens.split(' ').map((token) => {
    const [, goName = '', given, mark] = /^(\w+)(?::(\w+))?([*-])?$/.exec(token)!
    const name = given ?? goName[0]!.toLowerCase() + goName.slice(1)
    const field = properties.get(name) ?? { schema: unpublished }
    return { goName, name, field: mark === undefined ? field : { ...field, pointer: mark === '*' } }
  })
}

/** Abbreviations that Go writes in capitals. */
const abbreviations = /^(api|cel|cidr|csi|id|ip|uid|url)(?=[A-Zs]|$)/

function goNameOf(name: string): string {
  if (abbreviations.test(name)) return name.replace(abbreviations, (word) => word.toUpperCase())
  return name[0]!.toUpperCase() + name.slice(1)
}
