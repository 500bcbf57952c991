import type { Schema } from './schema.ts'
import { visitorOf, type VisitFields } from './visit-fields.ts'
import { reachingOf } from './reaching.ts'

/**
 * Fields that are there only where a feature is on. Where it is off, what a client sends in them is dropped without a
 * word, unless the old object uses one of them already: then all of them stay (the rule of upstream's dropDisabledFields
 * functions).
 */
export interface GatedFields {
  readonly gate: string
  /** Full name of the type whose old value is asked whether the fields are in use. */
  readonly within: string
  /** `Type.member`, of the same package as `within`. */
  readonly fields: readonly string[]
  /** Fields whose use keeps them (default: their own). */
  readonly keptBy?: readonly string[]
  /** Which values are meant, where not all are; `path`: the members that lead there from `within`. */
  readonly means?: (value: unknown, path: readonly string[]) => boolean
  /** Whether a value is a use (default: whatever is set, but for empty lists). */
  readonly isUse?: (value: unknown) => boolean
  /** Only where a request comes by this subresource. */
  readonly door?: string
  /** Only where `within` is the type of the whole object. */
  readonly root?: true
  /** A struct that has nothing else goes with its field. */
  readonly withHolder?: true
}

export interface GatedTable {
  readonly fields: readonly GatedFields[]
  /** Full names of types whose old value in a list is the one of the same name; of others it is the one in the same place. */
  readonly pairedByName: ReadonlySet<string>
}

type Enabled = (feature: string) => boolean
type Members = Record<string, unknown>
type Drop = (draft: Members, old: Members | undefined, door: string) => void

const known = new WeakMap<Enabled, Map<Schema, Drop | undefined>>()

/** Takes the fields of features that are off out of a draft; `old` undefined for what is new, `door` '' or a subresource. */
export function dropGatedFields(
  schema: Schema,
  table: GatedTable,
  enabled: Enabled,
  draft: object,
  old: object | undefined,
  door: string,
): void {
  let bySchema = known.get(enabled)
  if (bySchema === undefined) known.set(enabled, (bySchema = new Map()))
  if (!bySchema.has(schema)) bySchema.set(schema, compileDrop(schema, table, enabled))
  bySchema.get(schema)?.(draft as Members, old as Members | undefined, door)
}

function compileDrop(schema: Schema, table: GatedTable, enabled: Enabled): Drop | undefined {
  const off = table.fields.filter(({ gate }) => !enabled(gate))
  const drops = [...Map.groupBy(off, ({ within }) => within)].flatMap(([within, gated]) => {
    const anywhere = gated.filter(({ root }) => root !== true)
    const here = gated.filter(({ root }) => root === true)
    return [
      anywhere.length > 0 ? compileWithin(schema, within, anywhere, table.pairedByName) : undefined,
      here.length > 0 && schema.name === within ? dropFrom(schema, here) : undefined,
    ].filter((drop) => drop !== undefined)
  })
  if (drops.length === 0) return undefined
  return (draft, old, door) => {
    for (const drop of drops) drop(draft, old, door)
  }
}

/** Drops from all values of the type `within`, each with its old one. */
function compileWithin(
  root: Schema,
  within: string,
  gated: readonly GatedFields[],
  byName: ReadonlySet<string>,
): Drop | undefined {
  const reaching = reachingOf(root, ({ name }) => name === within)
  const compiled = new Map<Schema, Drop>()
  const compile = (schema: Schema): Drop | undefined => {
    if (!reaching.has(schema)) return undefined
    const before = compiled.get(schema)
    if (before) return before
    const drops: Drop[] = []
    // A type that holds itself meets this while it is being compiled.
    const all: Drop = (draft, old, door) => {
      for (const drop of drops) drop(draft, old, door)
    }
    compiled.set(schema, all)
    if (schema.name === within) drops.push(dropFrom(schema, gated))
    for (const [member, { schema: of }] of schema.properties ?? []) {
      const part = of.items ?? of.values ?? of
      const drop = compile(part)
      if (drop === undefined) continue
      const named = byName.has(part.name ?? '')
      drops.push((draft, old, door) => {
        const next = draft[member]
        if (!isMembers(next)) return
        const last = old?.[member]
        if (part === of) return drop(next, membersOf(last), door)
        for (const [key, item] of Object.entries(next)) {
          if (isMembers(item)) drop(item, membersOf(named ? namedAs(last, item['name']) : membersOf(last)?.[key]), door)
        }
      })
    }
    return all
  }
  return compile(root)
}

function namedAs(items: unknown, name: unknown): unknown {
  return Array.isArray(items) ? items.findLast((each: unknown) => isMembers(each) && each['name'] === name) : undefined
}

/** Drops from one value of their type. The old one is looked at only where there is something to drop. */
function dropFrom(schema: Schema, gated: readonly GatedFields[]): Drop {
  const rules = gated.map(({ keptBy, fields, within, means = () => true, isUse = isInUse, ...rule }) => ({
    ...rule,
    means,
    isUse,
    visitFields: visitorOf(schema, within, fields),
    visitUses: visitorOf(schema, within, keptBy ?? fields),
  }))
  const visitAll = visitorOf(schema, gated[0]!.within, [...new Set(gated.flatMap(({ fields }) => fields))])
  return (draft, old, door) => {
    let found = false
    visitAll(draft, (holder, member) => {
      found ||= Object.hasOwn(holder, member)
    })
    if (!found) return
    for (const { door: only, means, isUse, visitFields, visitUses, withHolder } of rules) {
      if (only !== undefined && only !== door) continue
      if (old !== undefined && isUsed(old, visitUses, (value, path) => isUse(value) && means(value, path))) continue
      visitFields(draft, (holder, member, path, dropHolder) => {
        if (!Object.hasOwn(holder, member) || !means(holder[member], path)) return
        delete holder[member]
        if (withHolder === true && Object.keys(holder).length === 0) dropHolder()
      })
    }
  }
}

function isUsed(old: Members, visit: VisitFields, is: (value: unknown, path: readonly string[]) => boolean): boolean {
  let used = false
  visit(old, (holder, member, path) => {
    used ||= is(holder[member], path)
  })
  return used
}

function isInUse(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null
}

function membersOf(value: unknown): Members | undefined {
  return isMembers(value) ? value : undefined
}
