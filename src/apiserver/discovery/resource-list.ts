import { createHash } from 'node:crypto'
import type { ResourceDefinition } from '../../api/definition.ts'
import { factsOfKind } from '../../api/schema/facts.ts'
import { apiVersionOf, parseApiVersion } from '../../machinery/meta/object.ts'

/**
 * metav1.APIResourceList, the answer of `/api/v1` and `/apis/GROUP/VERSION`, of the resources of that version. `hashes`:
 * whether it tells in which versions they are stored (StorageVersionHash).
 */
export function apiResourceList(
  group: string,
  version: string,
  definitions: readonly ResourceDefinition[],
  { hashes }: { readonly hashes: boolean } = { hashes: true },
): object {
  return {
    kind: 'APIResourceList',
    // The core group's list has never had one.
    apiVersion: group === '' ? undefined : 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: definitions.flatMap((definition) => resources(definition, hashes)),
  }
}

function resources(definition: ResourceDefinition, hashes: boolean): object[] {
  const { group, version, resource, singular, namespaced, kind, verbs, shortNames, categories } = definition
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    shortNames: shortNames.length > 0 ? shortNames : undefined,
    categories: categories.length > 0 ? categories : undefined,
    storageVersionHash:
      hashes && verbs.includes('get') && verbs.includes('create') ? storageVersionHash(definition) : undefined,
  }
  const subresources = definition.subresources.map((sub) => {
    const foreign = sub.group !== group || sub.version !== version
    return {
      name: `${resource}/${sub.name}`,
      singularName: '',
      namespaced,
      group: foreign ? sub.group : undefined,
      version: foreign ? sub.version : undefined,
      kind: sub.kind,
      verbs: sub.verbs,
    }
  })
  return [main, ...subresources]
}

/** Tells clients that two versions are stored alike (apiserver pkg/endpoints/discovery/storageversionhash.go). */
function storageVersionHash(definition: ResourceDefinition): string {
  const facts = factsOfKind(definition.group, definition.version, definition.kind)
  const stored = facts === undefined ? definition.storageVersion : (facts.storage ?? apiVersionOf(definition))
  const { group, version } = parseApiVersion(stored)
  return facts?.storageHash ?? hash(`${group}/${version}/${definition.kind}`)
}

const hash = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 8).toString('base64')
