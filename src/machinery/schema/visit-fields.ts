import { reachingOf } from './reaching.ts'
import type { Schema } from './schema.ts'

type Members = Record<string, unknown>

/** What holds a field, the field's name, the members that lead there, and what takes the holder itself away. */
export type Found = (holder: Members, member: string, path: readonly string[], dropHolder: () => void) => void

/** Calls back for every struct of a value that may have one of some fields, whether it has it or not. */
export type VisitFields = (value: Members, found: Found) => void

/**
 * Visits fields `Type.member` wherever they are below a type, of whose package they are. Parts of the schema without
 * such fields are not walked.
 */
export function visitorOf(root: Schema, within: string, fields: readonly string[]): VisitFields {
  const prefix = within.slice(0, within.lastIndexOf('.') + 1)
  const wanted = new Map<string, string[]>()
  for (const field of fields) {
    const [type, member] = field.split('.') as [string, string]
    wanted.set(prefix + type, [...(wanted.get(prefix + type) ?? []), member])
  }
  const reaching = reachingOf(root, ({ name = '' }) => wanted.has(name))
  const compiled = new Map<Schema, Visit>()
  const compile = (schema: Schema): Visit | undefined => {
    if (!reaching.has(schema)) return undefined
    const before = compiled.get(schema)
    if (before) return before
    const own = wanted.get(schema.name ?? '') ?? []
    const parts: [string, boolean, Visit][] = []
    // A type that holds itself meets this while it is being compiled.
    const visit: Visit = (value, path, found, drop) => {
      for (const member of own) found(value, member, [...path, member], drop)
      for (const [member, isMany, below] of parts) {
        const next = value[member]
        if (!isMembers(next)) continue
        path.push(member)
        if (!isMany) below(next, path, found, () => delete value[member])
        else for (const each of Object.values(next)) if (isMembers(each)) below(each, path, found, nothing)
        path.pop()
      }
    }
    compiled.set(schema, visit)
    for (const [member, { schema: of }] of schema.properties ?? []) {
      const part = of.items ?? of.values ?? of
      const below = compile(part)
      if (below !== undefined) parts.push([member, part !== of, below])
    }
    return visit
  }
  const visit = compile(root)
  return visit === undefined ? () => {} : (value, found) => visit(value, [], found, nothing)
}

type Visit = (value: Members, path: string[], found: Found, dropValue: () => void) => void

function nothing(): void {}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null
}
