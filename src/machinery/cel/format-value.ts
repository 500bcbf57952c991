import { goQuote } from '../field-error.ts'
import { goFormatDouble } from './go-number.ts'
import { durationText, timestampText } from './time-text.ts'
import { CelError, Duration, ListValue, MapValue, ObjectValue, Optional, Timestamp, Uint, type Value } from './value.ts'
import { Type } from './type.ts'

/** Go's %v of a value, as error texts show keys and elements. */
export function formatValue(value: Value): string {
  if (value === null) return 'NULL_VALUE'
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return goFormatDouble(value)
  }
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return `[${[...value].join(' ')}]`
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof CelError) return value.message
  if (value instanceof Type) return value.name
  if (value instanceof Optional)
    return value.value === undefined ? 'optional.none()' : `optional(${formatValue(value.value)})`
  if (value instanceof ListValue) return `[${[...value].map(formatValue).join(', ')}]`
  if (value instanceof MapValue) {
    const entries = [...value.keys()].map((key) => `${formatValue(key)}: ${formatValue(value.find(key) ?? null)}`)
    return `{${entries.join(', ')}}`
  }
  return value instanceof ObjectValue ? (value.toText?.() ?? value.type.name) : goQuote(String(value))
}
