import type { Field, Schema } from '../../src/machinery/schema/schema.ts'
import type { Json } from '../objects.ts'
import { type JsonPath, pathText } from './json-path.ts'

/** One change of a valid object. `value` undefined: the field is left out. */
export interface Mutation {
  readonly path: JsonPath
  readonly value: Json | undefined
  /** What was done, for the case's name. */
  readonly label: string
}

export interface MutationOptions {
  /** Parts of kinds, by definition name: fields of those seen in an earlier kind get the short list only. */
  readonly seen: Set<string>
  /** Whether fields that the object lacks are set, too. */
  readonly additions: boolean
}

const longText = 'x'.repeat(300)
const deepest = 12

/** Changes of every field that the object has, and one or two settings of each that it lacks, from the facts of its schema. */
export function mutationsOf(schema: Schema, value: Json, path: JsonPath, options: MutationOptions): Mutation[] {
  if (path.length > deepest) return []
  if (schema.properties && isMembers(value)) return ofStruct(schema, value, path, options)
  if (schema.items && Array.isArray(value)) {
    // The first item, and any other one that has what the first has not (a union's other members).
    const told = new Set<string>()
    return value.flatMap((item: Json, index) => {
      const members = isMembers(item) ? Object.keys(item).toSorted().join() : String(index)
      if (told.has(members) || (!isMembers(item) && index > 0)) return []
      told.add(members)
      return isMembers(item)
        ? mutationsOf(schema.items!, item, [...path, index], options)
        : ofField({ schema: schema.items! }, item, [...path, index], false)
    })
  }
  return []
}

function ofStruct(
  schema: Schema,
  value: { readonly [member: string]: Json },
  path: JsonPath,
  options: MutationOptions,
): Mutation[] {
  const mutations: Mutation[] = []
  for (const [name, field] of schema.properties!) {
    if (path.length === 0 && (name === 'apiVersion' || name === 'kind' || name === 'metadata' || name === 'status'))
      continue
    const here = [...path, name]
    const key = `${schema.name} ${name}`
    const known = options.seen.has(key)
    if (Object.hasOwn(value, name)) {
      mutations.push(...ofField(field, value[name]!, here, known))
      options.seen.add(key)
      mutations.push(...mutationsOf(field.schema, value[name]!, here, options))
    } else if (options.additions && !known && path.length > 0) {
      options.seen.add(key)
      mutations.push(...settings(field, here))
    }
  }
  return mutations
}

/** The changes of one field that is there. */
function ofField({ schema }: Field, value: Json, path: JsonPath, short: boolean): Mutation[] {
  const put = (label: string, other: Json | undefined): Mutation => ({ path, value: other, label })
  const dropped = put('dropped', undefined)
  if (short)
    return [
      dropped,
      ...badValues(schema, value)
        .slice(0, 1)
        .map(([label, other]) => put(label, other)),
    ]
  return [dropped, put('null', null), ...badValues(schema, value).map(([label, other]) => put(label, other))]
}

function badValues(schema: Schema, value: Json): (readonly [string, Json])[] {
  if (schema.wrapper === 'quantity' || schema.format === 'quantity') {
    return [
      ['negative', '-1'],
      ['zero', '0'],
      ['no quantity', 'abc'],
      ['fraction', '1500m'],
      ['huge', '123456789012345678901234567890'],
      ['number', 7],
    ]
  }
  if (schema.intOrString)
    return [
      ['negative', -1],
      ['zero', 0],
      ['huge', 70000],
      ['percent', '150%'],
      ['words', 'no number!'],
      ['empty', ''],
      ['boolean', true],
    ]
  if (schema.wrapper === 'time' || schema.wrapper === 'microTime')
    return [
      ['no time', 'yesterday'],
      ['number', 5],
    ]
  if (schema.type === 'string') {
    if (schema.format === 'byte')
      return [
        ['no base64', '%%%'],
        ['empty', ''],
        ['other bytes', 'AAAA'],
        ['number', 5],
      ]
    return [
      ['odd', 'Odd_Value!'],
      ['empty', ''],
      ['number', 7],
      ['long', longText],
      ['other', 'other'],
      ['with dots', '.a..b/c/d'],
    ]
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return [
      ['negative', -1],
      ['zero', 0],
      ['one', 1],
      ['large', 70000],
      ['int32 overflow', 2147483648],
      ['fraction', 1.5],
      ['string', '3'],
    ]
  }
  if (schema.type === 'boolean')
    return [
      ['flipped', value !== true],
      ['string', 'true'],
    ]
  if (schema.type === 'array') {
    const items = Array.isArray(value) ? value : []
    const doubled = items.length > 0 ? [['doubled', [...items, items[0]!]] as const] : []
    const nothing = schema.items?.type === 'object' ? {} : schema.items?.type === 'string' ? '' : 0
    return [...doubled, ['emptied', []], ['an empty item', [nothing]], ['object', {}], ['null item', [null]]]
  }
  if (schema.values) {
    const sample = Object.values(value as object)[0] as Json
    return [
      ['emptied', {}],
      ['odd key', { 'Odd key!': sample }],
      ['empty key', { '': sample }],
      ['list', []],
      ['odd value', { key: 'Odd value!' }],
      ['number value', { key: 7 }],
    ]
  }
  return [
    ['emptied', {}],
    ['list', []],
    ['unknown field', isMembers(value) ? { ...value, unknownField: 1 } : {}],
  ]
}

/** One or two values for a field that the object lacks. */
function settings(field: Field, path: JsonPath): Mutation[] {
  const put = (value: Json): Mutation => ({ path, value, label: `set to ${JSON.stringify(value)}` })
  const { schema } = field
  if (schema.wrapper === 'quantity' || schema.format === 'quantity') return [put('1'), put('-1')]
  if (schema.intOrString) return [put(1), put('50%')]
  if (schema.wrapper === 'time' || schema.wrapper === 'microTime') return [put('2020-01-02T03:04:05Z')]
  if (schema.type === 'string')
    return schema.enum ? [put(String(schema.enum[0])), put('Odd')] : [put('value'), put('Odd_Value!')]
  if (schema.type === 'integer' || schema.type === 'number') return [put(1), put(-1)]
  if (schema.type === 'boolean') return [put(true), put(false)]
  if (schema.type === 'array') {
    if (schema.items?.type === 'string') return [put(['value']), put(['', ''])]
    return schema.items?.type === 'object' ? [put([{}])] : [put([1])]
  }
  if (schema.values) return schema.values.type === 'string' ? [put({ key: 'value' })] : [put({ key: {} })]
  return [put({})]
}

function isMembers(value: unknown): value is { readonly [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `spec.replicas negative` */
export function mutationText({ path, label }: Mutation): string {
  return `${pathText(path)} ${label}`
}
