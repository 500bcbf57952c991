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
 * them. Those are kept that come first; with `byName` by name, and then the order of the members is lost.
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
    const output: Members = {}
    const keep = (name: string, value: unknown) => {
      if (name !== '__proto__') output[name] = value
      else Object.defineProperty(output, name, { value, enumerable: true, writable: true, configurable: true })
    }
    for (const name of names) {
      const field = plan.byName.get(name)
      const member = members[name]
      if (field !== undefined) {
        keep(name, few(field.plan, member))
        continue
      }
      if (typeof member === 'object') count += countMembers(member)
      if (byName ? last === undefined || name < last : unknown.length < kept) {
        unknown.push(name)
        if (!byName) keep(name, member)
      } else dropped = true
      // The first ones by name are picked out as they come.
      if (byName && unknown.length > 8 * kept) {
        unknown = unknown.sort().slice(0, kept)
        last = unknown.at(-1)
        dropped = true
      }
    }
    if (!byName) return output
    if (unknown.length > kept) {
      unknown = unknown.sort().slice(0, kept)
      dropped = true
    }
    for (const name of unknown) keep(name, members[name])
    return output
  }
}
