import { isObject } from '../../json.ts'
import { planOf, type Plan, type ScalarKind } from '../../schema/plan.ts'
import type { Schema } from '../../schema/schema.ts'
import { DecodeError } from '../decode-error.ts'

/**
 * A value with the numbers that Go's converter from unstructured objects makes of them (apimachinery
 * pkg/runtime/converter.go): too large ones lose their upper bits. Throws DecodeError with its words at the first thing
 * that cannot be converted; what it does not know of, such as quantities, is left to the decoder.
 */
export function fromUnstructured(value: unknown, schema: Schema): unknown {
  return convert(planOf(schema), value)
}

function convert(plan: Plan, value: unknown): unknown {
  if (value === null || value === undefined) return value
  switch (plan.kind) {
    case 'struct': {
      if (!isObject(value)) throw new DecodeError(`cannot restore struct from: ${reflectKind(value)}`)
      const members: Record<string, unknown> = { ...value }
      for (const { name, plan: member } of plan.fields) {
        if (Object.hasOwn(members, name)) members[name] = convert(member, members[name])
      }
      return members
    }
    case 'map':
      if (!isObject(value)) throw new DecodeError(`cannot restore map from ${reflectKind(value)}`)
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, convert(plan.values, member)]))
    case 'list':
      if (!Array.isArray(value)) throw new DecodeError(`cannot restore slice from ${reflectKind(value)}`)
      return value.map((item) => convert(plan.items, item))
    case 'scalar':
      return scalar(plan.scalar, value)
    default:
      return value
  }
}

const goKinds: Partial<Record<ScalarKind, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
}

function scalar(kind: ScalarKind, value: unknown): unknown {
  if (kind === 'bytes' && typeof value !== 'string') {
    throw new DecodeError(`cannot restore slice from ${reflectKind(value)}`)
  }
  const into = goKinds[kind]
  if (into === undefined) return value
  if (typeof value === 'number') {
    const isWhole = Number.isInteger(value)
    if (kind === 'double' || (kind === 'int64' && isWhole)) return value
    if (kind === 'int32' && isWhole) return Number(BigInt.asIntN(32, BigInt(value)))
    const isConvertible = kind === 'int32' || kind === 'int64' || (kind === 'string' && isWhole)
    if (isConvertible) throw new DecodeError(`cannot convert ${reflectKind(value)} to ${into}`)
  } else if (typeof value === (kind === 'boolean' ? 'boolean' : kind)) return value
  throw new DecodeError(`unrecognized type: ${into}`)
}

function reflectKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'string' : 'map'
}
