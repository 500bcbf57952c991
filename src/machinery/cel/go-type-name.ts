import { Type } from './type.ts'
import { Duration, Optional, Timestamp, Uint, type Value } from './value.ts'

/** The name of a value's type in cel-go's source, which some error texts show. */
export function goTypeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'types.String'
    case 'bigint':
      return 'types.Int'
    case 'boolean':
      return 'types.Bool'
    case 'number':
      return 'types.Double'
  }
  if (value === null) return 'types.Null'
  if (value instanceof Uint) return 'types.Uint'
  if (value instanceof Uint8Array) return 'types.Bytes'
  if (value instanceof Timestamp) return 'types.Timestamp'
  if (value instanceof Duration) return 'types.Duration'
  if (value instanceof Optional) return '*types.Optional'
  return value instanceof Type ? '*types.Type' : 'ref.Val'
}
