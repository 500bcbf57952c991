import type { Discovery } from './discovery.ts'
import { DefinitionWriter, type DefinitionFacts } from './definitions.ts'
import type { OpenApiSchema } from './openapi.ts'
import type { ApiPackage } from './packages.ts'

export interface FactsTable {
  readonly upstream: string
  readonly groups: Discovery['groups']
  readonly resources: Discovery['resources']
  /** alias → definition prefix and, where it holds kinds, group and version. */
  readonly packages: Readonly<Record<string, readonly [string, string?, string?]>>
  readonly definitions: Readonly<Record<string, Readonly<Record<string, DefinitionFacts>>>>
}

/** Every type that is published or that a published one refers to; throws when the sources contradict each other. */
export function buildTable(
  upstream: string,
  packages: ReadonlyMap<string, ApiPackage>,
  openApi: ReadonlyMap<string, OpenApiSchema>,
  discovery: Discovery,
): FactsTable {
  const writer = new DefinitionWriter(packages, openApi)
  const found = new Map<ApiPackage, Map<string, DefinitionFacts>>()
  const visit = (from: ApiPackage, name: string): void => {
    const mine = found.get(from) ?? new Map<string, DefinitionFacts>()
    found.set(from, mine)
    if (mine.has(name)) return
    const written = writer.write(from, name)
    if (!written) return
    mine.set(name, written.facts)
    for (const type of written.refers) {
      if (type.is === 'named' && packages.has(type.package)) visit(packages.get(type.package)!, type.name)
    }
  }
  for (const from of packages.values()) {
    for (const [name, declaration] of from.types) {
      const published = openApi.has(`${from.prefix}.${name}`)
      const kind = declaration.is === 'struct' && writer.flatten(declaration).includes('kind')
      if (published || (from.group !== undefined && (from.messages.has(name) || kind))) visit(from, name)
    }
  }
  const missing = [...openApi.keys()].filter((name) => {
    const from = [...packages.values()].find(({ prefix }) => prefix === name.slice(0, name.lastIndexOf('.')))
    return !found.get(from!)?.has(name.slice(name.lastIndexOf('.') + 1))
  })
  const problems = [...writer.problems, ...missing.map((name) => `${name}: published, but not found in Go`)]
  if (problems.length > 0) throw new Error(`upstream's sources contradict each other:\n  ${problems.join('\n  ')}`)
  const used = [...found].filter(([, mine]) => mine.size > 0)
  return {
    upstream,
    groups: discovery.groups,
    resources: discovery.resources,
    packages: Object.fromEntries(
      used.map(([{ alias, prefix, group, version }]) => [
        alias,
        group === undefined ? [prefix] : [prefix, group, version],
      ]),
    ),
    definitions: Object.fromEntries(
      used.map(([{ alias }, mine]) => [alias, Object.fromEntries([...mine].sort(([a], [b]) => (a < b ? -1 : 1)))]),
    ),
  }
}

/** JSON with one definition or resource per line, so that a new release reads well as a diff. */
export function printTable(table: FactsTable): string {
  const { upstream, groups, resources, packages, definitions } = table
  const list = (items: readonly unknown[]) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  const record = (members: object) =>
    `{\n${Object.entries(members)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n')}\n}`
  const nested = Object.entries(definitions).map(([alias, mine]) => `${JSON.stringify(alias)}:${record(mine)}`)
  return [
    `{"upstream":${JSON.stringify(upstream)}`,
    `"groups":${list(groups)}`,
    `"resources":${list(resources)}`,
    `"packages":${record(packages)}`,
    `"definitions":{\n${nested.join(',\n')}\n}}\n`,
  ].join(',\n')
}
