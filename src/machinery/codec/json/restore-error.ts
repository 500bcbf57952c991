import { isObject } from '../../json.ts'
import type { Schema } from '../../schema/schema.ts'

const goNumbers: Readonly<Record<string, string>> = { int32: 'int32', int64: 'int64', double: 'float64' }

/**
 * What the converter from maps to Go's types says of the first value that does not fit, depth first in Go's order of
 * fields (apimachinery pkg/runtime/converter.go); undefined: nothing that it says in words of its own.
 */
export function restoreError(schema: Schema, value: unknown): string | undefined {
  if (value === null || value === undefined || schema.wrapper !== undefined) return undefined
  if (schema.properties) {
    if (!isObject(value)) return `cannot restore struct from: ${reflectKind(value)}`
    for (const [name, field] of schema.properties) {
      const error = restoreError(field.schema, value[name])
      if (error !== undefined) return error
    }
    return undefined
  }
  if (schema.values) {
    if (!isObject(value)) return `cannot restore map from ${reflectKind(value)}`
    return firstOf(Object.values(value), schema.values)
  }
  if (schema.items) {
    return Array.isArray(value) ? firstOf(value, schema.items) : `cannot restore slice from ${reflectKind(value)}`
  }
  return scalarError(schema, value)
}

function firstOf(values: readonly unknown[], schema: Schema): string | undefined {
  for (const value of values) {
    const error = restoreError(schema, value)
    if (error !== undefined) return error
  }
  return undefined
}

/** Numbers may become each other where nothing is lost, and integers may become strings to Go's eye: that is refused. */
function scalarError({ type, format, goType }: Schema, value: unknown): string | undefined {
  const wanted = type === 'string' ? 'string' : type === 'boolean' ? 'bool' : goNumbers[format ?? '']
  if (wanted === undefined) return undefined
  const kind = reflectKind(value)
  if (kind === wanted || (typeof value === 'number' && type === 'number')) return undefined
  if (typeof value === 'number' && type === 'integer' && Number.isInteger(value)) return undefined
  const convertible = typeof value === 'number' && (type === 'integer' || (type === 'string' && kind === 'int64'))
  return convertible ? `cannot convert ${kind} to ${goType ?? wanted}` : `unrecognized type: ${wanted}`
}

function reflectKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map'
}
