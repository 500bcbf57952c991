import { copyEmptied } from './emptied.ts'

/** What an object of the API is made of, once decoded: plain JSON, never typed classes. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [field: string]: JsonValue
}

/** A deep writable view of a value that nobody else holds yet, such as a freshly decoded request body. */
export type Draft<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : { -readonly [Field in keyof T]: Draft<T[Field]> }

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deep equality of two JSON values; a member that is `undefined` counts as absent. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]))
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const field of Object.keys(left)) if (!jsonEqual(left[field], right[field])) return false
  for (const field of Object.keys(right)) if (right[field] !== undefined && left[field] === undefined) return false
  return true
}

/** A deep copy that the caller may change. Several times faster than structuredClone on JSON. */
export function jsonClone<T>(value: T): Draft<T> {
  if (typeof value !== 'object' || value === null) return value as Draft<T>
  if (Array.isArray(value)) return value.map((item) => jsonClone(item)) as Draft<T>
  const copy: Record<string, unknown> = {}
  for (const field of Object.keys(value)) {
    const member = jsonClone((value as Record<string, unknown>)[field])
    if (field === '__proto__')
      Object.defineProperty(copy, field, { value: member, enumerable: true, writable: true, configurable: true })
    else copy[field] = member
  }
  copyEmptied(value, copy)
  return copy as Draft<T>
}

/** Freezes a value and all below it, and returns it. Stops at what is frozen already. Without a list of the members: it is hot. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (Array.isArray(value)) for (let index = 0; index < value.length; index++) deepFreeze(value[index])
  else for (const name in value) deepFreeze(value[name])
  return value
}

/** A copy with the members of every object in the order of their names, as Go writes a map. */
export function sortMembers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortMembers) as T
  if (value === null || typeof value !== 'object') return value
  const source = value as Record<string, unknown>
  const sorted: Record<string, unknown> = {}
  for (const name of Object.keys(source).sort()) {
    const member = sortMembers(source[name])
    if (name === '__proto__')
      Object.defineProperty(sorted, name, { value: member, enumerable: true, writable: true, configurable: true })
    else sorted[name] = member
  }
  return sorted as T
}
