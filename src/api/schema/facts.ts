import { definitionReader, isKind, type DefinitionFacts } from './definition-reader.ts'
import table from './facts.generated.json' with { type: 'json' }
import type { GroupVersionKind } from '../../machinery/meta/object.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { Verb } from '../definition.ts'

/**
 * The facts of upstream's API: every published definition, every resource with its names and verbs. The table is
 * written by scripts/generate.ts from upstream's OpenAPI, .proto files, Go types and discovery documents; definitions
 * become schemas when they are first asked for, and are shared.
 */
export interface ResourceFacts {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The plural name. */
  readonly resource: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** DELETE answers with the object rather than with a Status. */
  readonly returnsDeleted?: boolean
  /** `v1.33+; use …`: what follows "is deprecated in" in the warning that every request for it is answered with. */
  readonly deprecated?: string
  /** `group/version` in which upstream stores it, when it is another one. */
  readonly storage?: string
  /** The published storageVersionHash, where it is that of a version that is not stored here. */
  readonly storageHash?: string
  /** Name, kind, verbs and, when it is another one, group/version. */
  readonly subresources?: readonly (readonly [string, string, readonly Verb[], string?])[]
}

interface FactsTable {
  readonly upstream: string
  readonly groups: readonly { readonly name: string; readonly versions: readonly string[] }[]
  readonly resources: readonly ResourceFacts[]
  readonly packages: Readonly<Record<string, readonly [string, string?, string?]>>
  readonly definitions: Readonly<Record<string, Readonly<Record<string, DefinitionFacts>>>>
}
const facts = table as unknown as FactsTable

/** The release whose facts these are: `v1.37.1`. */
export const upstreamVersion: string = facts.upstream
/** All groups in upstream's order of preference, each with its versions likewise, also those not served by default. */
export const groups = facts.groups
/** All resources in upstream's order, also those of versions that are not served by default. */
export const resourceFacts = facts.resources

const reader = definitionReader(facts.packages, facts.definitions)
const kindPackages = new Map<string, string>()
for (const [alias, [, group, version]] of Object.entries(facts.packages)) {
  if (group !== undefined) kindPackages.set(`${group}/${version}`, alias)
}

/** The schema of a definition by its OpenAPI name, e.g. `io.k8s.api.core.v1.PodSpec`. */
export function definitionNamed(name: string): Schema | undefined {
  return reader.named(name)
}

/**
 * The schema of a kind in a group and version. Kinds of the machinery (DeleteOptions, Status, Table, WatchEvent …) are
 * found in every group, as in upstream's scheme (metav1.AddToGroupVersion).
 */
export function schemaOfKind(group: string, version: string, kind: string): Schema | undefined {
  const alias = kindPackages.get(`${group}/${version}`)
  const own = alias === undefined ? undefined : reader.kind(alias, kind)
  return own ?? reader.kind('meta/v1', kind)
}

/** The resource of a kind; undefined for kinds that are no resource, such as lists and options. */
export function factsOfKind(group: string, version: string, kind: string): ResourceFacts | undefined {
  return facts.resources.find((each) => each.group === group && each.version === version && each.kind === kind)
}

/** The kind that a definition stands for; undefined for parts of kinds, and for those of the machinery. */
export function kindOfDefinition(name: string): GroupVersionKind | undefined {
  const dot = name.lastIndexOf('.')
  const found = Object.values(facts.packages).find(([prefix]) => prefix === name.slice(0, dot))
  const schema = reader.named(name)
  const [, group, version] = found ?? []
  if (!schema || !isKind(schema) || group === undefined || group === 'meta.k8s.io') return undefined
  return { group, version: version!, kind: name.slice(dot + 1) }
}

/** Whether upstream serves this version unless told otherwise: stable ones only (pkg/controlplane/instance.go). */
export function servedByDefault(version: string): boolean {
  return /^v\d+$/.test(version)
}

/** Groups whose Go package is not called after the first word of their name. */
const specialPackages: Readonly<Record<string, string>> = {
  '': 'core',
  'internal.apiserver.k8s.io': 'apiserverinternal',
}

/** The Go package of a built-in group's types, as messages name it: `core`, `admissionregistration`. */
export function goPackage(group: string): string {
  return specialPackages[group] ?? group.split('.')[0]!
}
