import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resourceFacts, servedByDefault, type ResourceFacts } from '../../src/api/schema/facts.ts'
import type { FactsTable } from './table.ts'
import { typeNames } from './types.ts'

export interface KindFile {
  /** Below src/api: `core/v1/pod.ts`. */
  readonly path: string
  /** `pods`. */
  readonly constant: string
}

/** One file per kind that is served by default, in upstream's order of groups. */
export function kindFiles(): readonly (KindFile & { readonly facts: ResourceFacts })[] {
  const taken = new Set<string>()
  const served = resourceFacts.filter(({ version }) => servedByDefault(version))
  return served.map((facts) => {
    const { group, version, kind, resource } = facts
    const folder = group === '' ? 'core' : group.split('.')[0]!
    const plain = plural(kind, resource)
    // A second version of a group's kind gets `V1`, a namesake of another group `eventsV1…`.
    const sibling = served.some((each) => each.group === group && each.kind === kind && each.version !== version)
    const constant = !taken.has(plain)
      ? plain
      : sibling
        ? plain + capital(version)
        : folder + capital(version) + capital(plain)
    taken.add(constant)
    return { facts, path: `${folder}/${version}/${kebab(kind)}.ts`, constant }
  })
}

/** Writes the files that are not there yet, and the table of contents. Returns how many were new. */
export function writeKindFiles(api: string, table: FactsTable): number {
  const names = typeNames(table)
  const files = kindFiles()
  let created = 0
  for (const { path, constant, facts } of files) {
    const file = join(api, path)
    if (existsSync(file)) continue
    const prefix = Object.values(table.packages).find(([, g, v]) => g === facts.group && v === facts.version)![0]
    const type = names.get(`${prefix}.${facts.kind}`)!
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(
      file,
      `import { defineKind } from '../../define-kind.ts'
import type { ${type} } from '../../types.generated.ts'

export const ${constant} = defineKind<${type}>({ group: '${facts.group}', version: '${facts.version}', kind: '${facts.kind}' })
`,
    )
    created++
  }
  const imports = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, constant }) => `import { ${constant} } from './${path}'`)
  writeFileSync(
    join(api, 'kinds.ts'),
    `import type { ResourceDefinition } from './definition.ts'
${imports.join('\n')}

/** Every built-in kind that is served, in upstream's order: the first one that has a name is the one that \`kubectl\` means. */
export const kinds: readonly ResourceDefinition[] = [
${files.map(({ constant }) => `  ${constant},`).join('\n')}
]
`,
  )
  return created
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)

/** CSIDriver → csi-driver, PodDisruptionBudget → pod-disruption-budget, IPAddress → ip-address, APIService → api-service. */
function kebab(kind: string): string {
  return kind
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}

/** The plural with the kind's humps: `roleBindings`, `csiDrivers`, `ipAddresses`. */
function plural(kind: string, resource: string): string {
  const [first, ...rest] = kebab(kind).split('-')
  const singular = first + rest.map(capital).join('')
  let common = 0
  while (common < singular.length && singular[common]!.toLowerCase() === resource[common]) common++
  return singular.slice(0, common) + resource.slice(common)
}
