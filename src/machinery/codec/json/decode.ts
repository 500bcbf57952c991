import { Mismatch, normalizeSent } from '../../schema/normalize.ts'
import type { Schema } from '../../schema/schema.ts'
import { DecodeError } from '../decode-error.ts'
import { nesting } from '../nesting.ts'
import { exactDecode, maxStrictErrors } from './exact-decode.ts'
import { fewUnknown } from './few-unknown.ts'
import { countMembers, scanJson } from './scan.ts'
import { parseTree } from './tree.ts'

export interface Decoded {
  /** In the form that {@link normalizeSent} gives; the caller's to change. */
  readonly value: unknown
  /** What a strict reader complains of: `unknown field "spec.foo"`, `duplicate field "spec.bar"`. */
  readonly strictErrors: readonly string[]
}

/**
 * Reads JSON into a built-in kind: unknown members are left out and told of, other faults throw a DecodeError with
 * upstream's words. Values that fit, which is nearly all, take the platform's own parser.
 */
export function decodeJson(text: string, schema: Schema): Decoded {
  return decodeParsed(text, parseJson(text), schema)
}

/** Like {@link decodeJson}, for a text that {@link parseJson} has read already. */
export function decodeParsed(text: string, parsed: unknown, schema: Schema): Decoded {
  const scan = scanJson(text)
  if (!scan.exactNumbers && scan.members > manyMembers) {
    const few = fewUnknown(parsed, schema, maxStrictErrors)
    // The text says no more than the value: what nobody is told of need not be looked at.
    if (few.dropped && few.members === scan.members) return exactly(JSON.stringify(few.value), schema)
  }
  if (!scan.exactNumbers && scan.members === countMembers(parsed)) {
    const value = tryNormalize(schema, parsed)
    if (value !== undefined) return { value, strictErrors: [] }
  }
  return exactly(text, schema)
}

/**
 * Reads a value that is not text any more, e.g. a patched one. Members are told of, and free-form ones kept, in the order
 * of `written`: by default that of their names.
 */
export function decodeValue(
  value: unknown,
  schema: Schema,
  written: () => string = () => JSON.stringify(sorted(fewUnknown(value, schema, maxStrictErrors, true).value)),
): Decoded {
  const normal = tryNormalize(schema, value)
  if (normal !== undefined) return { value: normal, strictErrors: [] }
  return exactly(written(), schema)
}

/** Any JSON; a fault throws a DecodeError with Go's words. */
export function parseJson(text: string): unknown {
  // Before the platform's parser, which is slow to fail on what is nested too deep.
  if (text.length > nesting.json && scanJson(text).depth > nesting.json) parseTree(text)
  try {
    return JSON.parse(text)
  } catch {
    parseTree(text)
    throw new DecodeError('unexpected end of JSON input')
  }
}

function tryNormalize(schema: Schema, value: unknown): unknown {
  try {
    return normalizeSent(schema, value)
  } catch (error) {
    if (error instanceof Mismatch) return undefined
    throw error
  }
}

function exactly(text: string, schema: Schema): Decoded {
  const { value, strictErrors } = exactDecode(text, parseTree(text), schema)
  return { value: normalizeSent(schema, value), strictErrors }
}

const manyMembers = 1000

/** Upstream marshals such values from Go maps, whose keys it sorts. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const members = value as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(members)
      .sort()
      .map((name) => [name, sorted(members[name])]),
  )
}
