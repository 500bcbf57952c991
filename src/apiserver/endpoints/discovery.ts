import type { ResourceDefinition } from '../../api/definition.ts'
import { noSuchPath } from '../../machinery/errors.ts'
import type { Answer } from '../answer.ts'
import type { PathRouter } from '../routing/path-router.ts'
import type { ResourceMap } from '../routing/resource-map.ts'

const answer = (object: object): Answer => ({ type: 'object', code: 200, object })

/** `/api`, `/apis`, and the groups and versions below, from what is served at the moment. */
export function addDiscovery(router: PathRouter, resources: ResourceMap, serverAddress: () => string): void {
  router.add('/api', () =>
    answer({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: serverAddress() }],
    }),
  )
  router.add('/apis', () => answer({ kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(resources) }))
  router.add('/api/*', ({ request }) => {
    const [, version = '', ...rest] = request.segments
    if (rest.length > 0 || !resources.hasVersion('', version)) throw noSuchPath()
    return answer(resourceList(resources.definitions(), '', version))
  })
  router.add('/apis/*', ({ request }) => {
    const [, group = '', version, ...rest] = request.segments
    if (rest.length > 0) throw noSuchPath()
    if (version === undefined) {
      const found = groupsOf(resources).find(({ name }) => name === group)
      if (found === undefined) throw noSuchPath()
      return answer({ kind: 'APIGroup', apiVersion: 'v1', ...found })
    }
    if (!resources.hasVersion(group, version)) throw noSuchPath()
    return answer(resourceList(resources.definitions(), group, version))
  })
}

function groupsOf(resources: ResourceMap): { name: string; versions: object[]; preferredVersion: object }[] {
  const groups = new Map<string, Set<string>>()
  for (const { group, version } of resources.definitions()) {
    if (group === '') continue
    groups.set(group, (groups.get(group) ?? new Set()).add(version))
  }
  return [...groups].map(([name, versions]) => {
    const all = [...versions].map((version) => ({ groupVersion: `${name}/${version}`, version }))
    return { name, versions: all, preferredVersion: all[0]! }
  })
}

function resourceList(definitions: readonly ResourceDefinition[], group: string, version: string): object {
  const list = []
  for (const definition of definitions) {
    if (definition.group !== group || definition.version !== version) continue
    const { resource, singular, namespaced, kind, verbs, shortNames, categories } = definition
    list.push({
      name: resource,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      shortNames: shortNames.length > 0 ? shortNames : undefined,
      categories: categories.length > 0 ? categories : undefined,
    })
    for (const sub of definition.subresources) {
      const own = sub.group === group && sub.version === version
      list.push({
        name: `${resource}/${sub.name}`,
        singularName: '',
        namespaced,
        group: own ? undefined : sub.group,
        version: own ? undefined : sub.version,
        kind: sub.kind,
        verbs: sub.verbs,
      })
    }
  }
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: list,
  }
}
