import type { Json } from '../objects.ts'

/** A place in a JSON value. */
export type JsonPath = readonly (string | number)[]

/** `spec.ports[0].name`, as field errors write it. */
export function pathText(path: JsonPath): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/** A copy with another value at the place; undefined takes the member or item away. */
export function withValue<T>(object: T, path: JsonPath, value: Json | undefined): T {
  const [step, ...rest] = path
  if (step === undefined) return value as T
  if (Array.isArray(object)) {
    const copy: unknown[] = [...object]
    if (rest.length === 0 && value === undefined) copy.splice(Number(step), 1)
    else copy[Number(step)] = withValue(copy[Number(step)], rest, value)
    return copy as T
  }
  const { [step]: before, ...others } = (object ?? {}) as Record<string, unknown>
  if (rest.length === 0 && value === undefined) return others as T
  return { ...(object as object), [step]: withValue(before, rest, value) } as T
}

export function valueAt(object: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], object)
}
