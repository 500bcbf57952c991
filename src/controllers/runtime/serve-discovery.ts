import type { ResourceRef } from '../../api/definition.ts'
import type { FakeClient } from '../../client/fake/fake-client.ts'

/** Lets a fake client serve discovery documents of these kinds, for tests. */
export function serveDiscovery(client: FakeClient, ...refs: readonly ResourceRef[]): void {
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
  const groups = new Map<string, Map<string, unknown[]>>()
  for (const { group, version, resource, kind, namespaced } of refs) {
    const versions = groups.get(group) ?? new Map<string, unknown[]>()
    groups.set(group, versions)
    const scope = namespaced ? 'Namespaced' : 'Cluster'
    versions.set(version, [...(versions.get(version) ?? []), { resource, responseKind: { kind }, scope, verbs }])
  }
  const list = (names: readonly string[]) => ({
    kind: 'APIGroupDiscoveryList',
    items: names.map((name) => ({
      metadata: { name },
      versions: [...groups.get(name)!].map(([version, resources]) => ({ version, resources })),
    })),
  })
  client.serve('/api', list(groups.has('') ? [''] : []))
  client.serve('/apis', list([...groups.keys()].filter((name) => name !== '')))
}
