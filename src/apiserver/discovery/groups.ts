import type { ResourceDefinition } from '../../api/definition.ts'
import type { JsonObject } from '../../machinery/json.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import { builtInPriority, customPriority, groupPriority } from '../aggregation/priorities.ts'

/** A group as clients see it: its versions in order of preference, each with its resources in order. */
export interface DiscoveredGroup {
  readonly name: string
  readonly versions: readonly DiscoveredVersion[]
}
export interface DiscoveredVersion {
  readonly version: string
  readonly definitions: readonly ResourceDefinition[]
  /** When another server serves it. */
  readonly remote?: RemoteVersion
}

/** A group version as an APIService has it. */
export interface DeclaredVersion {
  readonly group: string
  readonly version: string
  /** Larger first; built-in groups have theirs, custom ones 1000. */
  readonly groupPriority: number
  readonly versionPriority: number
}

/** A group version of another server. */
export interface RemoteVersion extends DeclaredVersion {
  /** Whether the resources are those that its server names now. */
  readonly current: boolean
  /** metav1.APIResource of each, subresources among them. */
  readonly resources: readonly JsonObject[]
}

/**
 * Orders what is served: built-in groups as upstream ranks them (the order of kinds.ts), then those of custom resources
 * by name, their versions by how stable they are (kube-aggregator's APIService priorities, apimachinery pkg/version).
 */
export function discoveredGroups(
  definitions: readonly ResourceDefinition[],
  remotes: readonly RemoteVersion[] = [],
): DiscoveredGroup[] {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>()
  for (const definition of definitions) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>()
    groups.set(definition.group, versions)
    versions.set(definition.version, [...(versions.get(definition.version) ?? []), definition])
  }
  const found = [...groups].map(([name, versions]) => {
    const custom = [...versions.values()].every((each) => each.every(({ openApi }) => openApi !== undefined))
    const inOrder = [...versions].map(([version, each]) => ({
      version,
      definitions: [...each].sort((a, b) => compareText(a.resource, b.resource)),
    }))
    if (custom) inOrder.sort((a, b) => compareVersions(a.version, b.version))
    return { name, custom, versions: inOrder }
  })
  const builtIn = found.filter(({ custom }) => !custom)
  const added = found.filter(({ custom }) => custom).sort((a, b) => compareText(a.name, b.name))
  const ordered = [...builtIn, ...added].map(({ name, versions }) => ({ name, versions }))
  return remotes.length === 0 ? ordered : withRemotes(ordered, remotes)
}

/** With the group versions that nobody serves: the list of groups is that of the APIServices (kube-aggregator apisHandler). */
export function withDeclared(
  groups: readonly DiscoveredGroup[],
  declared: readonly DeclaredVersion[],
): readonly DiscoveredGroup[] {
  const unserved = declared.filter(
    ({ group, version }) =>
      groups.find(({ name }) => name === group)?.versions.some((each) => each.version === version) !== true,
  )
  return withRemotes(
    groups,
    unserved.map((each) => ({ ...each, current: false, resources: [] })),
  )
}

/** What an APIService gives to another server is not this one's any more. */
function withRemotes(local: readonly DiscoveredGroup[], remotes: readonly RemoteVersion[]): DiscoveredGroup[] {
  const groups: { name: string; priority: number; versions: readonly DiscoveredVersion[] }[] = local.map((group) => ({
    ...group,
    priority: Math.max(...group.versions.map(({ remote }) => remote?.groupPriority ?? groupPriority(group.name)), 0),
  }))
  for (const remote of remotes) {
    const { group: name, version, groupPriority: priority } = remote
    const made: DiscoveredVersion = { version, definitions: [], remote }
    const present = groups.find((group) => group.name === name)
    if (present) {
      const others = present.versions.filter((each) => each.version !== version)
      present.versions = [...others, made].sort(
        (a, b) => versionRank(name, b) - versionRank(name, a) || compareVersions(a.version, b.version),
      )
      present.priority = Math.max(present.priority, priority)
      continue
    }
    const behind = groups.findIndex(
      (group) => group.priority < priority || (group.priority === priority && group.name > name),
    )
    groups.splice(behind < 0 ? groups.length : behind, 0, { name, priority, versions: [made] })
  }
  return groups.map(({ name, versions }) => ({ name, versions }))
}

function versionRank(group: string, { version, remote }: DiscoveredVersion): number {
  return remote?.versionPriority ?? (builtInPriority(group, version) ?? customPriority).version
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const stability = { '': 0, beta: 1, alpha: 2 } as const

/**
 * Most preferred first: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, then other names (apimachinery
 * pkg/version/helpers.go CompareKubeAwareVersionStrings).
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a)
  const right = parseVersion(b)
  if (!left || !right) return left ? -1 : right ? 1 : compareText(a, b)
  return left.rank - right.rank || right.major - left.major || right.minor - left.minor
}

function parseVersion(text: string): { rank: number; major: number; minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(text)
  if (!match) return undefined
  const [, major, stage, minor] = match
  return { rank: stability[(stage ?? '') as keyof typeof stability], major: Number(major), minor: Number(minor ?? 0) }
}

/** metav1.APIVersions, the answer of `/api`. */
export function apiVersions(groups: readonly DiscoveredGroup[], serverAddress: string): object {
  const core = groups.find(({ name }) => name === '')
  return {
    kind: 'APIVersions',
    versions: core?.versions.map(({ version }) => version) ?? [],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** metav1.APIGroup, without kind and apiVersion: an item of `/apis`. */
export function apiGroup({ name, versions }: DiscoveredGroup): object {
  const listed = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group: name, version }), version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

/** metav1.APIGroupList, the answer of `/apis`. */
export function apiGroupList(groups: readonly DiscoveredGroup[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(({ name }) => name !== '').map(apiGroup) }
}
