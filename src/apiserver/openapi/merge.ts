import { isObject, jsonEqual, type JsonObject, type JsonValue } from '../../machinery/json.ts'

const prefix = '#/definitions/'

/**
 * The document with those paths of another server's that begin with `below`, and with the definitions that they need.
 * Definitions of one name that differ get a number: `Foo_v2` (kube-openapi pkg/aggregator).
 */
export function mergeOpenApiV2(document: JsonObject, other: JsonObject, below: string): JsonObject {
  const own = objectOf(document['definitions'])
  const foreign = objectOf(other['definitions'])
  const paths = Object.entries(objectOf(other['paths'])).filter(([path]) => path.startsWith(below))
  if (paths.length === 0) return document
  const needed = new Set<string>()
  const visit = (value: JsonValue | undefined): void => {
    for (const name of referencesIn(value)) {
      if (needed.has(name) || foreign[name] === undefined) continue
      needed.add(name)
      visit(foreign[name])
    }
  }
  for (const [, path] of paths) visit(path)
  const names = new Map<string, string>()
  for (const name of needed) {
    let free = name
    for (let number = 2; own[free] !== undefined && !jsonEqual(own[free], foreign[name]); number++)
      free = `${name}_v${number}`
    names.set(name, free)
  }
  const definitions = Object.fromEntries([...names].map(([name, as]) => [as, renamed(foreign[name]!, names)]))
  return {
    ...document,
    paths: {
      ...objectOf(document['paths']),
      ...Object.fromEntries(paths.map(([path, item]) => [path, renamed(item, names)])),
    },
    definitions: { ...own, ...definitions },
  }
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? (value as JsonObject) : {})

function* referencesIn(value: JsonValue | undefined): IterableIterator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string' && member.startsWith(prefix)) yield member.slice(prefix.length)
    else yield* referencesIn(member as JsonValue)
  }
}

function renamed(value: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => renamed(item as JsonValue, names))
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, member]) => {
      if (name !== '$ref' || typeof member !== 'string' || !member.startsWith(prefix))
        return [name, renamed(member, names)]
      const referred = member.slice(prefix.length)
      return [name, prefix + (names.get(referred) ?? referred)]
    }),
  )
}
