import { ArrayList } from '../../cel/collections.ts'
import { equalValues } from '../../cel/equality.ts'
import { formatValue } from '../../cel/format-value.ts'
import { CelError, ListValue, MapValue, noSuchOverload, type Value, valueType } from '../../cel/value.ts'

/** Another list's items under the rules of a list type. */
abstract class TypedItems extends ListValue {
  protected readonly items: ListValue
  constructor(items: ListValue) {
    super()
    this.items = items
  }
  get size(): number {
    return this.items.size
  }
  at(index: number): Value {
    return this.items.at(index)
  }
}

/**
 * x-kubernetes-list-type map: order does not matter for equality; a sum overwrites the items whose keys are in both, in
 * place (apiserver pkg/cel/common/valuesunstructured.go). `keys` are the names that expressions use.
 */
export class KeyedItems extends TypedItems {
  readonly #keys: readonly string[]
  constructor(items: ListValue, keys: readonly string[]) {
    super(items)
    this.#keys = keys
  }
  override equals(other: Value): Value {
    if (!(other instanceof ListValue)) return noSuchOverload
    if (this.size !== other.size) return false
    const mine = new Map([...this].map((item) => [this.#keyOf(item), item]))
    const seen = new Set<string>()
    for (const item of other) {
      const key = this.#keyOf(item)
      const own = mine.get(key)
      if (own === undefined) return false
      const equal = equalValues(own, item)
      if (equal !== true) return equal
      seen.add(key)
    }
    return seen.size === mine.size
  }
  override concat(other: ListValue): Value {
    const merged = [...this]
    const places = new Map(merged.map((item, index) => [this.#keyOf(item), index]))
    for (const item of other) {
      const place = places.get(this.#keyOf(item))
      if (place === undefined) merged.push(item)
      else merged[place] = item
    }
    return new KeyedItems(new ArrayList(merged), this.#keys)
  }
  #keyOf(item: Value): string {
    if (!(item instanceof MapValue)) return `\0${scalarKey(item)}`
    return JSON.stringify(this.#keys.map((key) => scalarKey(item.find(key) ?? null)))
  }
}

const noScalar = new CelError('listSet operations are only supported on lists of scalar values')

/** x-kubernetes-list-type set: order does not matter for equality; a sum holds each item once. */
export class UniqueItems extends TypedItems {
  override equals(other: Value): Value {
    if (!(other instanceof ListValue)) return noSuchOverload
    if (this.size !== other.size) return false
    const mine = keysOf(this)
    if (mine instanceof CelError) return mine
    const theirs = keysOf(other)
    if (theirs instanceof CelError) return theirs
    return mine.size === theirs.size && [...theirs].every((key) => mine.has(key))
  }
  override concat(other: ListValue): Value {
    const seen = keysOf(this)
    if (seen instanceof CelError) return seen
    const merged = [...this]
    for (const item of other) {
      if (item instanceof ListValue || item instanceof MapValue) return noScalar
      const key = scalarKey(item)
      if (seen.has(key)) continue
      seen.add(key)
      merged.push(item)
    }
    return new UniqueItems(new ArrayList(merged))
  }
}

function keysOf(list: ListValue): Set<string> | CelError {
  const items = [...list]
  if (items.some((item) => item instanceof ListValue || item instanceof MapValue)) return noScalar
  return new Set(items.map(scalarKey))
}

const scalarKey = (value: Value): string => `${valueType(value).name}:${formatValue(value)}`
