import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../../api/definition.ts'
import { kinds } from '../../api/kinds.ts'
import { aggregatedDiscovery } from './aggregated.ts'
import { apiGroup, apiGroupList, apiVersions, compareVersions, discoveredGroups, withDeclared } from './groups.ts'

const custom = (group: string, version: string): ResourceDefinition => ({
  ...kinds.find(({ kind }) => kind === 'Lease')!,
  group,
  version,
  kind: 'CronTab',
  resource: 'crontabs',
  openApi: {},
})

test('built-in groups come in upstream’s order, custom ones after them by name', () => {
  const groups = discoveredGroups([...kinds, custom('b.example.com', 'v1'), custom('a.example.com', 'v1')])
  const names = groups.map(({ name }) => name)
  assert.deepEqual(names.slice(0, 4), ['', 'apiregistration.k8s.io', 'apps', 'events.k8s.io'])
  assert.deepEqual(names.slice(-3), ['storagemigration.k8s.io', 'a.example.com', 'b.example.com'])
})

test('the stablest version of a group is preferred', () => {
  const versions = ['foo1', 'v3beta1', 'v12alpha1', 'v2', 'v11beta2', 'v10', 'v1', 'foo10', 'v12alpha2']
  const order = ['v10', 'v2', 'v1', 'v11beta2', 'v3beta1', 'v12alpha2', 'v12alpha1', 'foo1', 'foo10']
  assert.deepEqual([...versions].sort(compareVersions), order)
  const [group] = discoveredGroups(['v1beta1', 'v1'].map((version) => custom('a.example.com', version)))
  assert.deepEqual(apiGroup(group!), {
    name: 'a.example.com',
    versions: [
      { groupVersion: 'a.example.com/v1', version: 'v1' },
      { groupVersion: 'a.example.com/v1beta1', version: 'v1beta1' },
    ],
    preferredVersion: { groupVersion: 'a.example.com/v1', version: 'v1' },
  })
})

test('the core group stands in /api, all others in /apis', () => {
  const groups = discoveredGroups(kinds)
  assert.deepEqual(apiVersions(groups, '10.0.0.1:6443'), {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
  })
  const { groups: listed } = apiGroupList(groups) as { groups: { name: string }[] }
  assert.equal(listed.length, groups.length - 1)
})

test('aggregated discovery has scopes, subresources and the kinds of other groups', () => {
  const groups = discoveredGroups(kinds).filter(({ name }) => name === 'apps')
  const list = JSON.parse(JSON.stringify(aggregatedDiscovery(groups)))
  assert.equal(list.apiVersion, 'apidiscovery.k8s.io/v2')
  const deployments = list.items[0].versions[0].resources.find(
    (each: { resource: string }) => each.resource === 'deployments',
  )
  assert.deepEqual(deployments, {
    resource: 'deployments',
    responseKind: { group: '', version: '', kind: 'Deployment' },
    scope: 'Namespaced',
    singularResource: 'deployment',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: [
      {
        subresource: 'scale',
        responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        verbs: ['get', 'patch', 'update'],
      },
      {
        subresource: 'status',
        responseKind: { group: '', version: '', kind: 'Deployment' },
        verbs: ['get', 'patch', 'update'],
      },
    ],
  })
})

test('the kinds of custom resources are told in full', () => {
  const deployments = kinds.find(({ group, resource }) => group === 'apps' && resource === 'deployments')!
  const groups = discoveredGroups([{ ...deployments, protobuf: false }])
  const list = JSON.parse(JSON.stringify(aggregatedDiscovery(groups)))
  const [resource] = list.items.at(-1).versions[0].resources
  const full = { group: 'apps', version: 'v1', kind: 'Deployment' }
  assert.deepEqual(resource.responseKind, full)
  assert.deepEqual(resource.subresources.at(-1).responseKind, full)
})

test('group versions that nobody serves are listed by their priority, beside those of other servers', () => {
  const version = (group: string) => ({ group, version: 'v1', groupPriority: 100, versionPriority: 10 })
  const served = discoveredGroups([], [{ ...version('b.example.com'), current: true, resources: [] }])
  const listed = withDeclared(
    served,
    ['a', 'b', 'c'].map((name) => version(`${name}.example.com`)),
  )
  assert.deepEqual(
    listed.map(({ name, versions }) => [name, versions.length]),
    [
      ['a.example.com', 1],
      ['b.example.com', 1],
      ['c.example.com', 1],
    ],
  )
})
