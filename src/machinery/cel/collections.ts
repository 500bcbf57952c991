import { CelError, ListValue, MapValue, Uint, type Value, valueType } from './value.ts'
import { formatValue } from './format-value.ts'

export class ArrayList extends ListValue {
  readonly items: readonly Value[]
  constructor(items: readonly Value[]) {
    super()
    this.items = items
  }
  get size(): number {
    return this.items.length
  }
  at(index: number): Value {
    return this.items[index]!
  }
}
export const emptyList = new ArrayList([])

class ConcatList extends ListValue {
  readonly size: number
  readonly #first: ListValue
  readonly #second: ListValue
  constructor(first: ListValue, second: ListValue) {
    super()
    this.#first = first
    this.#second = second
    this.size = first.size + second.size
  }
  at(index: number): Value {
    return index < this.#first.size ? this.#first.at(index) : this.#second.at(index - this.#first.size)
  }
}

/** The accumulator of a comprehension that builds a list: it grows in place, so that n steps cost n. */
export class GrowingList extends ListValue {
  readonly #items: Value[] = []
  get size(): number {
    return this.#items.length
  }
  at(index: number): Value {
    return this.#items[index]!
  }
  override concat(other: ListValue): Value {
    for (const item of other) this.#items.push(item)
    return this
  }
  done(): ListValue {
    return new ArrayList(this.#items)
  }
}

export function concatLists(first: ListValue, second: ListValue): Value {
  if (first.concat !== undefined) return first.concat(second)
  if (first.size === 0) return second
  if (second.size === 0) return first
  return new ConcatList(first, second)
}

/** Numbers of all types that are equal are the same key. */
function keyOf(value: Value): unknown {
  if (value instanceof Uint) return value.value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  return value
}

export class LiteralMap extends MapValue {
  readonly #entries: Map<unknown, readonly [Value, Value]>
  constructor(entries: Iterable<readonly [Value, Value]>) {
    super()
    this.#entries = new Map()
    for (const entry of entries) this.#entries.set(keyOf(entry[0]), entry)
  }
  get size(): number {
    return this.#entries.size
  }
  find(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1]
  }
  *keys(): Iterable<Value> {
    for (const [key] of this.#entries.values()) yield key
  }
  /** A copy with one entry more, or an error. */
  with(key: Value, value: Value): Value {
    if (this.find(key) !== undefined) return keyExists(key)
    return new LiteralMap([...this.#entries.values(), [key, value]])
  }
}
export const keyExists = (key: Value) => new CelError(`insert failed: key ${formatValue(key)} already exists`)

/** The accumulator of a comprehension that builds a map. */
export class GrowingMap extends MapValue {
  readonly #entries = new Map<unknown, readonly [Value, Value]>()
  get size(): number {
    return this.#entries.size
  }
  find(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1]
  }
  *keys(): Iterable<Value> {
    for (const [key] of this.#entries.values()) yield key
  }
  insert(key: Value, value: Value): Value {
    if (this.find(key) !== undefined) return keyExists(key)
    this.#entries.set(keyOf(key), [key, value])
    return this
  }
  done(): MapValue {
    return new LiteralMap(this.#entries.values())
  }
}

/** A position in a list from a number of any type. */
export function listIndex(index: Value): number | CelError {
  if (typeof index === 'bigint') return Number(index)
  if (index instanceof Uint) return Number(index.value)
  if (typeof index === 'number') {
    return Number.isInteger(index) ? index : new CelError(`unsupported index value ${formatValue(index)} in list`)
  }
  return new CelError(`unsupported index type '${valueType(index).name}' in list`)
}
