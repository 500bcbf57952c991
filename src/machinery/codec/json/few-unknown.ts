import { type Plan, planOf } from '../../schema/plan.ts'
import type { Schema } from '../../schema/schema.ts'
import { countMembers } from './scan.ts'

type Members = Record<string, unknown>

export interface FewUnknown {
  readonly value: unknown
  /** How many members the whole value has, as far as structs and what is unknown in them goes. */
  readonly members: number
  /** Whether some were left out. */
  readonly dropped: boolean
}

/**
 * The value with no more than `kept` unknown members in each struct: more than that is an attack, and nobody is told of
 * them. Those are kept that come first, by name when `byName`.
 */
export function fewUnknown(value: unknown, schema: Schema, kept: number, byName = false): FewUnknown {
  let count = 0
  let dropped = false
  return { value: few(planOf(schema), value), members: count, dropped }

  function few(plan: Plan, part: unknown): unknown {
    if (typeof part !== 'object' || part === null) return part
    if (plan.kind === 'list' && Array.isArray(part)) return part.map((item) => few(plan.items, item))
    if (plan.kind !== 'struct' || Array.isArray(part)) {
      count += countMembers(part)
      return part
    }
    const members = part as Members
    const names = Object.keys(members)
    count += names.length
    let unknown: string[] = []
    let last: string | undefined
    const known: Members = {}
    for (const name of names) {
      const field = plan.byName.get(name)
      const member = members[name]
      if (field !== undefined) known[name] = few(field.plan, member)
      else {
        if (typeof member === 'object') count += countMembers(member)
        // The first ones by name are picked out as they come.
        if (byName ? last === undefined || name < last : unknown.length < kept) unknown.push(name)
        else dropped = true
        if (unknown.length > 8 * kept) {
          unknown = unknown.sort().slice(0, kept)
          last = unknown.at(-1)
          dropped = true
        }
      }
    }
    if (unknown.length === 0) return known
    if (unknown.length > kept) {
      unknown = unknown.sort().slice(0, kept)
      dropped = true
    }
    const wanted = new Set(unknown)
    const output: Members = {}
    for (const name of names) {
      const member = Object.hasOwn(known, name) ? known[name] : wanted.has(name) ? members[name] : undefined
      if (member === undefined) continue
      Object.defineProperty(output, name, { value: member, enumerable: true, writable: true, configurable: true })
    }
    return output
  }
}
