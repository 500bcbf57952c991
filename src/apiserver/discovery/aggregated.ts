import { createHash } from 'node:crypto'
import type { ResourceDefinition, SubresourceDefinition } from '../../api/definition.ts'
import type { DiscoveredGroup } from './groups.ts'

export type AggregatedVersion = 'v2' | 'v2beta1'

/**
 * apidiscovery.k8s.io APIGroupDiscoveryList, which saves clients a request per group: of `/api` (the core group) or of
 * `/apis` (all others). The two versions look the same.
 */
export function aggregatedDiscovery(groups: readonly DiscoveredGroup[], version: AggregatedVersion): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version: each, definitions }) => ({
        version: each,
        resources: definitions.map(resource),
        freshness: 'Current',
      })),
    })),
  }
}

function resource(definition: ResourceDefinition): object {
  const { namespaced, singular, verbs, shortNames, categories, subresources } = definition
  return {
    resource: definition.resource,
    // Group and version are left out where they are those of the list around it.
    responseKind: { group: '', version: '', kind: definition.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    shortNames: shortNames.length > 0 ? shortNames : undefined,
    categories: categories.length > 0 ? categories : undefined,
    subresources: subresources.length > 0 ? subresources.map((sub) => subresource(definition, sub)) : undefined,
  }
}

function subresource(definition: ResourceDefinition, sub: SubresourceDefinition): object {
  const foreign = sub.group !== definition.group || sub.version !== definition.version
  return {
    subresource: sub.name,
    responseKind: { group: foreign ? sub.group : '', version: foreign ? sub.version : '', kind: sub.kind },
    verbs: sub.verbs,
  }
}

/** The ETag of a document, without quotes: a client that has it need not read it again. */
export function documentTag(bytes: Uint8Array | string): string {
  return createHash('sha512').update(bytes).digest('hex').toUpperCase()
}
