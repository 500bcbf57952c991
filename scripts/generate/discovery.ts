import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What upstream's discovery says of a resource or subresource (metav1.APIResource). */
interface ApiResource {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly group?: string
  readonly version?: string
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly storageVersionHash?: string
}

export interface ResourceFacts {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly returnsDeleted?: boolean
  /** Since when it is deprecated, and so on: see lifecycles.ts. */
  readonly deprecated?: string
  /** `group/version` of the stored form, when it is another one. */
  readonly storage?: string
  /** The published storageVersionHash, when it is that of a version that Skiff does not store. */
  readonly storageHash?: string
  /** name, kind, verbs and, when it is another one, group/version. */
  readonly subresources?: readonly (readonly [string, string, readonly string[], string?])[]
}

export interface Discovery {
  /** Groups in order of preference, each with its versions likewise. */
  readonly groups: readonly { readonly name: string; readonly versions: readonly string[] }[]
  readonly resources: readonly ResourceFacts[]
}

/** Reads the plain discovery documents in api/discovery of the kubernetes module. */
export function readDiscovery(folder: string, returnsDeleted: ReadonlySet<string>): Discovery {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const apis = read('apis.json') as { groups: { name: string; versions: { version: string }[] }[] }
  const groups = [
    { name: '', versions: ['v1'] },
    ...apis.groups.map(({ name, versions }) => ({ name, versions: versions.map(({ version }) => version) })),
  ]
  const files = new Set(readdirSync(folder))
  const lists: { group: string; version: string; resources: readonly ApiResource[] }[] = []
  for (const { name, versions } of groups) {
    for (const version of versions) {
      const file = name === '' ? `api__${version}.json` : `apis__${name}__${version}.json`
      if (!files.has(file)) throw new Error(`${file} is missing`)
      lists.push({ group: name, version, resources: (read(file) as { resources: ApiResource[] }).resources })
    }
  }
  const versionsOf = new Map(groups.map(({ name, versions }) => [name, versions]))
  const resources = lists.flatMap(({ group, version, resources: listed }) =>
    listed
      .filter(({ name }) => !name.includes('/'))
      .map((main) => {
        const subresources = listed
          .filter(({ name }) => name.startsWith(`${main.name}/`))
          .map((sub) => {
            const gv = apiVersion(sub.group ?? group, sub.version ?? version)
            const own = gv === apiVersion(group, version)
            const short = [sub.name.slice(main.name.length + 1), sub.kind, sub.verbs] as const
            return own ? short : ([...short, gv] as const)
          })
        const stored = storageVersion(main, group, version, versionsOf)
        return {
          group,
          version,
          kind: main.kind,
          resource: main.name,
          singular: main.singularName,
          namespaced: main.namespaced,
          verbs: main.verbs,
          shortNames: main.shortNames,
          categories: main.categories,
          returnsDeleted: returnsDeleted.has(`${group}/${version} ${main.kind}`) || undefined,
          storage: stored === apiVersion(group, version) ? undefined : stored,
          storageHash: foreignHash(main, group, version, stored),
          subresources: subresources.length > 0 ? subresources : undefined,
        }
      }),
  )
  return { groups, resources }
}

const apiVersion = (group: string, version: string) => (group === '' ? version : `${group}/${version}`)

/** Unstable versions are never stored, though upstream does it with some. */
function foreignHash(main: ApiResource, group: string, version: string, stored: string): string | undefined {
  const own = /\/?v\d+$/.test(stored) ? stored : apiVersion(group, version)
  return main.storageVersionHash === hashOf(own.includes('/') ? own : `/${own}`, main.kind)
    ? undefined
    : main.storageVersionHash
}

function hashOf(groupVersion: string, kind: string): string {
  return createHash('sha256').update(`${groupVersion}/${kind}`).digest().subarray(0, 8).toString('base64')
}

/** Finds the stored version by its published hash (apiserver pkg/endpoints/discovery/storageversionhash.go). */
function storageVersion(
  { kind, name, storageVersionHash }: ApiResource,
  group: string,
  version: string,
  versionsOf: ReadonlyMap<string, readonly string[]>,
): string {
  if (storageVersionHash === undefined) return apiVersion(group, version)
  for (const [candidate, versions] of [[group, versionsOf.get(group) ?? []] as const, ['', ['v1']] as const]) {
    for (const each of versions) {
      if (hashOf(`${candidate}/${each}`, kind) === storageVersionHash) return apiVersion(candidate, each)
    }
  }
  // CustomResourceDefinition and APIService publish the hash of a version that is served no more.
  if (versionsOf.get(group)?.length === 1) return apiVersion(group, version)
  throw new Error(`no version of ${name}.${group} has the storage hash ${storageVersionHash}`)
}
