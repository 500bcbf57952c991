import type { Schema } from './schema.ts'

/** The schemas below `root` from which one of the wanted is reached, those among them. */
export function reachingOf(root: Schema, isWanted: (schema: Schema) => boolean): ReadonlySet<Schema> {
  const parents = parentsOf(root)
  const reaching = new Set([...parents.keys()].filter(isWanted))
  for (const schema of reaching) for (const parent of parents.get(schema)!) reaching.add(parent)
  return reaching
}

const known = new WeakMap<Schema, ReadonlyMap<Schema, readonly Schema[]>>()

/** All schemas below this one, each with those that it is a part of. */
function parentsOf(root: Schema): ReadonlyMap<Schema, readonly Schema[]> {
  const before = known.get(root)
  if (before !== undefined) return before
  const parents = new Map<Schema, Schema[]>([[root, []]])
  for (const schema of parents.keys()) {
    const fields = [...(schema.properties?.values() ?? [])].map((field) => field.schema)
    for (const part of [schema.items, schema.values, ...fields]) {
      if (part === undefined) continue
      const others = parents.get(part)
      if (others === undefined) parents.set(part, [schema])
      else others.push(schema)
    }
  }
  known.set(root, parents)
  return parents
}
