import { formatValue } from './format-value.ts'
import { CelError, Duration, ListValue, MapValue, Optional, Timestamp, Uint, type Value } from './value.ts'
import { durationText, timestampText } from './time-text.ts'

/** An object's fields without a schema: whole numbers are int, others double (cel-go's native type adapter). */
export class NativeMap extends MapValue {
  readonly #object: Readonly<Record<string, unknown>>
  constructor(object: Readonly<Record<string, unknown>>) {
    super()
    this.#object = object
  }
  get size(): number {
    return Object.keys(this.#object).length
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#object, key)) return undefined
    const value = this.#object[key]
    return value === undefined ? undefined : nativeValue(value)
  }
  keys(): Iterable<Value> {
    return Object.keys(this.#object)
  }
}

class NativeList extends ListValue {
  readonly #items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    super()
    this.#items = items
  }
  get size(): number {
    return this.#items.length
  }
  at(index: number): Value {
    return nativeValue(this.#items[index])
  }
}

/** JSON as a value. */
export function nativeValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return json
    case 'number':
      return Number.isInteger(json) && Math.abs(json) < 2 ** 63 ? BigInt(json) : json
  }
  if (Array.isArray(json)) return new NativeList(json)
  if (typeof json === 'object' && json !== null) return new NativeMap(json as Record<string, unknown>)
  return null
}

/** A value as JSON; an error where it has no such form. Integers beyond 2^53 become text, as in protobuf's JSON. */
export function jsonOf(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  if (typeof value === 'bigint') return safeNumber(value)
  if (value instanceof Uint) return safeNumber(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof Optional) return value.value === undefined ? null : jsonOf(value.value)
  if (value instanceof ListValue) return collected([...value].map(jsonOf))
  if (value instanceof MapValue) {
    const entries = [...value.keys()].map((key) => [String(formatValue(key)), jsonOf(value.find(key) ?? null)] as const)
    const failed = entries.find(([, member]) => member instanceof CelError)
    return failed === undefined ? Object.fromEntries(entries) : failed[1]
  }
  return value instanceof CelError ? value : new CelError(`unsupported conversion of ${formatValue(value)} to JSON`)
}
function collected(items: readonly unknown[]): unknown {
  return items.find((item) => item instanceof CelError) ?? items
}
function safeNumber(value: bigint): number | string {
  return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value)
}
