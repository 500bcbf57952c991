import { createHash } from 'node:crypto'
import type { ResourceDefinition, SubresourceDefinition } from '../../api/definition.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'
import type { DiscoveredGroup, RemoteVersion } from './groups.ts'

/**
 * apidiscovery.k8s.io APIGroupDiscoveryList, which saves clients a request per group: of `/api` (the core group) or of
 * `/apis` (all others).
 */
export function aggregatedDiscovery(groups: readonly DiscoveredGroup[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version: each, definitions, remote }) => ({
        version: each,
        resources: remote === undefined ? definitions.map(resource) : remoteResources(remote),
        freshness: remote?.current === false ? 'Stale' : 'Current',
      })),
    })),
  }
}

function resource(definition: ResourceDefinition): object {
  const { namespaced, singular, verbs, shortNames, categories, subresources } = definition
  return {
    resource: definition.resource,
    responseKind: responseKind(definition, definition),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    shortNames: shortNames.length > 0 ? shortNames : undefined,
    categories: categories.length > 0 ? categories : undefined,
    subresources: subresources.length > 0 ? subresources.map((sub) => subresource(definition, sub)) : undefined,
  }
}

/** Resources as another server lists them one by one (apiserver pkg/endpoints/installer.go, ConvertGroupVersionIntoToDiscovery). */
function remoteResources({ resources }: RemoteVersion): object[] {
  const made = new Map<string, Record<string, unknown>>()
  for (const each of resources) {
    const [name = '', sub] = String(each['name']).split('/')
    const kind = each['kind']
    const responseKind = kind ? { group: each['group'] ?? '', version: each['version'] ?? '', kind } : undefined
    if (sub === undefined) {
      const { subresources } = made.get(name) ?? {}
      made.set(name, {
        resource: name,
        responseKind,
        scope: each['namespaced'] === true ? 'Namespaced' : 'Cluster',
        singularResource: each['singularName'] ?? '',
        verbs: each['verbs'],
        shortNames: each['shortNames'],
        categories: each['categories'],
        subresources,
      })
      continue
    }
    const parent = made.get(name) ?? { resource: name, scope: each['namespaced'] === true ? 'Namespaced' : 'Cluster' }
    const subresources = [...((parent['subresources'] as object[] | undefined) ?? [])]
    made.set(name, {
      ...parent,
      subresources: [...subresources, { subresource: sub, responseKind, verbs: each['verbs'] }],
    })
  }
  return [...made.values()]
}

/** Group and version are left out where they are those of the list around it, but not of custom resources. */
function responseKind(definition: ResourceDefinition, { group, version, kind }: GroupVersionKind): GroupVersionKind {
  const known = definition.protobuf && group === definition.group && version === definition.version
  return known ? { group: '', version: '', kind } : { group, version, kind }
}

function subresource(definition: ResourceDefinition, sub: SubresourceDefinition): object {
  return {
    subresource: sub.name,
    responseKind: responseKind(definition, sub),
    verbs: sub.verbs,
  }
}

/** The ETag of a document, without quotes: a client that has it need not read it again. */
export function documentTag(bytes: Uint8Array | string): string {
  return createHash('sha512').update(bytes).digest('hex').toUpperCase()
}
