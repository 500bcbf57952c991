import { parseGoDuration } from '../../machinery/go-duration.ts'
import { isObject } from '../../machinery/json.ts'

/**
 * What a configuration file may hold, and how it is read: unknown fields are collected, all at once, what is absent takes
 * Go's zero value, a wrong type is an Error that names the field.
 */
export interface Shape<T> {
  readonly read: (value: unknown, path: string, unknownFields: string[]) => T
}
export type ValueOf<S> = S extends Shape<infer T> ? T : never

function scalar<T>(name: string, zero: T, accept: (value: unknown) => T | undefined): Shape<T> {
  return {
    read(value, path) {
      if (value === undefined || value === null) return zero
      const accepted = accept(value)
      if (accepted === undefined) throw new Error(`${path}: must be ${name}`)
      return accepted
    },
  }
}

export const string: Shape<string> = scalar('a string', '', (value) => (typeof value === 'string' ? value : undefined))
export const boolean: Shape<boolean> = scalar('true or false', false, (value) =>
  typeof value === 'boolean' ? value : undefined,
)
export const integer: Shape<number> = scalar('a whole number', 0, (value) =>
  Number.isSafeInteger(value) ? (value as number) : undefined,
)
/** A Go duration, in milliseconds. */
export const duration: Shape<number> = scalar('a duration such as 30s', 0, (value) => {
  try {
    return typeof value === 'string' ? parseGoDuration(value) / 1e6 : undefined
  } catch {
    return undefined
  }
})
export const anything: Shape<unknown> = { read: (value) => value ?? undefined }

/** Absent stays undefined. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    read: (value, path, unknownFields) =>
      value === undefined || value === null ? undefined : shape.read(value, path, unknownFields),
  }
}

export function withDefault<T>(shape: Shape<T>, fallback: T): Shape<T> {
  const inner = optional(shape)
  return { read: (value, path, unknownFields) => inner.read(value, path, unknownFields) ?? fallback }
}

export function list<T>(items: Shape<T>): Shape<readonly T[]> {
  return {
    read(value, path, unknownFields) {
      if (value === undefined || value === null) return []
      if (!Array.isArray(value)) throw new Error(`${path}: must be a list`)
      return value.map((item, index) => items.read(item, `${path}[${index}]`, unknownFields))
    },
  }
}

export function map<T>(values: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    read(value, path, unknownFields) {
      if (value === undefined || value === null) return {}
      if (!isObject(value)) throw new Error(`${path}: must be a mapping`)
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, values.read(member, `${path}.${key}`, unknownFields)]),
      )
    },
  }
}

type Fields = Readonly<Record<string, Shape<unknown>>>
export function object<const F extends Fields>(fields: F): Shape<{ readonly [Name in keyof F]: ValueOf<F[Name]> }> {
  return {
    read(value, path, unknownFields) {
      if (value !== undefined && value !== null && !isObject(value))
        throw new Error(`${path || 'it'}: must be a mapping`)
      const members = (value ?? {}) as Readonly<Record<string, unknown>>
      const at = (name: string) => (path === '' ? name : `${path}.${name}`)
      for (const name of Object.keys(members)) if (!Object.hasOwn(fields, name)) unknownFields.push(at(name))
      return Object.fromEntries(
        Object.entries(fields).map(([name, shape]) => [name, shape.read(members[name], at(name), unknownFields)]),
      ) as { readonly [Name in keyof F]: ValueOf<F[Name]> }
    },
  }
}
