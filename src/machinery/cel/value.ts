import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  Type,
  typeType,
  uintType,
} from './type.ts'

/**
 * What an expression computes with. int64 is bigint, double is number, so that the two never mix and no digit is lost;
 * the others have classes of their own. An error is a value too: it passes through strict functions, and `&&`, `||` and
 * quantifiers may absorb it.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | Optional
  | ObjectValue
  | Type
  | CelError

export class CelError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

export class Timestamp {
  /** Since the epoch. */
  readonly nanos: bigint
  /** East of UTC: as text, a moment keeps the zone that it was written in. */
  readonly offsetSeconds: number
  constructor(nanos: bigint, offsetSeconds = 0) {
    this.nanos = nanos
    this.offsetSeconds = offsetSeconds
  }
}

export class Duration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class Optional {
  readonly value: Value | undefined
  constructor(value?: Value) {
    this.value = value
  }
}
export const none = new Optional()

export abstract class ListValue {
  abstract readonly size: number
  /** `index` is within the list. */
  abstract at(index: number): Value
  /** How two lists are compared where their kind has a rule of its own. */
  equals?(other: Value): Value
  concat?(other: ListValue): Value
  *[Symbol.iterator](): Generator<Value> {
    for (let index = 0; index < this.size; index++) yield this.at(index)
  }
}

export abstract class MapValue {
  abstract readonly size: number
  /** undefined: no such key. May be an error, for a key of a type that the map cannot have. */
  abstract find(key: Value): Value | undefined
  abstract keys(): Iterable<Value>
  /** What `in` says, for a map that finds more than it holds. */
  contains?(key: Value): boolean
  equals?(other: Value): Value
}

/** A value of a type that a library brings. */
export abstract class ObjectValue {
  abstract readonly type: Type
  /** Only called with values of the same class. */
  abstract equals(other: ObjectValue): Value
  /** What size-dependent costs count. */
  get size(): number | undefined {
    return undefined
  }
  toText?(): string
}

/** The runtime type of a value. */
export function valueType(value: Value): Type {
  switch (typeof value) {
    case 'string':
      return stringType
    case 'bigint':
      return intType
    case 'boolean':
      return boolType
    case 'number':
      return doubleType
  }
  if (value === null) return nullType
  if (value instanceof ListValue) return listType
  if (value instanceof MapValue) return mapType
  if (value instanceof Uint) return uintType
  if (value instanceof Uint8Array) return bytesType
  if (value instanceof Timestamp) return timestampType
  if (value instanceof Duration) return durationType
  if (value instanceof Optional) return optionalType
  if (value instanceof Type) return typeType
  if (value instanceof ObjectValue) return value.type
  return errorValueType
}
const errorValueType = new Type('error', 'error')

export const noSuchOverload = new CelError('no such overload')

/** The number of code points. */
export function textSize(text: string): number {
  let size = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit < 0xdc00 && index + 1 < text.length) {
      const next = text.charCodeAt(index + 1)
      if (next >= 0xdc00 && next < 0xe000) size--
    }
  }
  return size
}

/** size(value), or undefined for what has none. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string') return textSize(value)
  if (value instanceof ListValue || value instanceof MapValue) return value.size
  if (value instanceof Uint8Array) return value.length
  if (value instanceof ObjectValue) return value.size
  return undefined
}
