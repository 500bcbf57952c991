/**
 * Go tells an empty list or map from none (`[]` from nil), and shows it in errors; what JSON leaves out when it is empty
 * is neither in the normal form (schema/normalize.ts). So a struct that was decoded notes beside its members which of them
 * were said to be empty. Equality, encoders and whoever goes through the members don't see the note; spreads and
 * jsonClone take it along; what is stored has none, as protobuf cannot tell either.
 */
const emptied = Symbol('emptied')

/** An empty list, map or run of bytes. */
export type Empty = readonly never[] | Readonly<Record<string, never>> | ''

interface Noted {
  [emptied]?: Readonly<Record<string, Empty>>
}

export function noteEmptied(struct: object, name: string, value: Empty): void {
  const noted = struct as Noted
  noted[emptied] = { ...noted[emptied], [name]: value }
}

/** For copies that are made member by member. */
export function copyEmptied(from: object, to: object): void {
  const notes = (from as Noted)[emptied]
  if (notes !== undefined) (to as Noted)[emptied] = notes
}

/** The member of a struct as Go has it: its value, else the empty one that was said, else undefined. */
export function memberAsSaid(struct: object, name: string): unknown {
  const value = (struct as Readonly<Record<string, unknown>>)[name]
  return value ?? (struct as Noted)[emptied]?.[name] ?? value
}

const steps = /([^.[\]]+)|\[([^\]]*)\]/g

/** What was said to be empty at the path of a field error, `spec.containers[0].args`. */
export function emptiedAt(root: unknown, path: string): Empty | undefined {
  let value = root
  let said: Empty | undefined
  for (const [, member, key] of path.matchAll(steps)) {
    if (typeof value !== 'object' || value === null) return undefined
    const name = member ?? key ?? ''
    said = (value as Noted)[emptied]?.[name]
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return said
}
