import { isObject, jsonEqual } from '../../json.ts'
import type { JsonSchema } from './json-schema.ts'

/** The items of a list of type map, by their keys (apiserver pkg/cel/common/maplist.go). */
export function itemsByKey(schema: JsonSchema, items: unknown): (item: unknown) => unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(items)) return () => undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keyOf = (item: unknown) => {
    if (!isObject(item)) return undefined
    const values = keys.map((key) => item[key])
    const scalars = values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))
    return scalars ? JSON.stringify(values) : undefined
  }
  const known = new Map<string, unknown>()
  for (const item of items) {
    const key = keyOf(item)
    if (key !== undefined && !known.has(key)) known.set(key, item)
  }
  return (item) => {
    const key = keyOf(item)
    return key === undefined ? undefined : known.get(key)
  }
}

/**
 * A value and what it was before the update, found in the old object by where it stands and, in lists of type map, by its
 * key (apiserver pkg/cel/common/equality.go).
 */
export class Correlated {
  readonly #value: unknown
  readonly #old: unknown
  readonly #schema: JsonSchema
  readonly #children = new Map<string | number, Correlated>()
  #find: ((item: unknown) => unknown) | undefined
  #equal: boolean | undefined
  constructor(value: unknown, old: unknown, schema: JsonSchema) {
    this.#value = value
    this.#old = old
    this.#schema = schema
  }

  /** undefined: what the member was cannot be told. */
  member(name: string): Correlated | undefined {
    const known = this.#children.get(name)
    if (known !== undefined || !isObject(this.#old) || !isObject(this.#value)) return known
    if (!Object.hasOwn(this.#old, name) || !Object.hasOwn(this.#value, name)) return undefined
    const { properties, additionalProperties } = this.#schema
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
    const schema = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    return schema && this.#child(name, this.#value[name], this.#old[name], schema)
  }
  item(index: number): Correlated | undefined {
    const known = this.#children.get(index)
    if (known !== undefined || !Array.isArray(this.#old) || !Array.isArray(this.#value)) return known
    this.#find ??= itemsByKey(this.#schema, this.#old)
    const old = this.#find(this.#value[index])
    const { items } = this.#schema
    return old === undefined || items === undefined ? undefined : this.#child(index, this.#value[index], old, items)
  }
  /** Whether nothing has changed. */
  get unchanged(): boolean {
    return (this.#equal ??= this.#compare())
  }
  #child(at: string | number, value: unknown, old: unknown, schema: JsonSchema): Correlated {
    const child = new Correlated(value, old, schema)
    this.#children.set(at, child)
    return child
  }
  #compare(): boolean {
    const [value, old] = [this.#value ?? null, this.#old ?? null]
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) return false
      if (this.#schema['x-kubernetes-list-type'] !== 'map') return jsonEqual(value, old)
      return value.every((_, index) => this.item(index)?.unchanged === true)
    }
    if (isObject(value) && isObject(old)) {
      const names = Object.keys(value)
      return names.length === Object.keys(old).length && names.every((name) => this.member(name)?.unchanged === true)
    }
    return jsonEqual(value, old)
  }
}
