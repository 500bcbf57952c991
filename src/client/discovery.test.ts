import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discover } from './discovery.ts'
import { fakeClient } from './fake/fake-client.ts'

const verbs = ['get', 'list', 'delete']

test('aggregated discovery gives each resource once, in its preferred version', async () => {
  const client = fakeClient()
  const resource = (name: string, kind: string, scope = 'Namespaced') => ({
    resource: name,
    responseKind: { group: '', version: '', kind },
    scope,
    verbs,
  })
  client.serve('/api', {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: {}, versions: [{ version: 'v1', resources: [resource('pods', 'Pod')] }] }],
  })
  client.serve('/apis', {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'x.io' },
        versions: [
          { version: 'v2', resources: [resource('things', 'Thing')] },
          { version: 'v1', resources: [resource('things', 'Thing'), resource('olds', 'Old', 'Cluster')] },
        ],
      },
      { metadata: { name: 'down.io' }, versions: [{ version: 'v1', freshness: 'Stale' }] },
    ],
  })
  const { resources, failed } = await discover(client.transport)
  assert.deepEqual(
    resources.map(({ group, version, resource, namespaced }) => [group, version, resource, namespaced]),
    [
      ['', 'v1', 'pods', true],
      ['x.io', 'v2', 'things', true],
      ['x.io', 'v1', 'olds', false],
    ],
  )
  assert.deepEqual(failed, ['down.io/v1'])
})

test('plain discovery gives the same', async () => {
  const client = fakeClient()
  client.serve('/api', { kind: 'APIVersions', versions: ['v1'] })
  client.serve('/api/v1', {
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs },
      { name: 'pods/status', kind: 'Pod', namespaced: true, verbs },
    ],
  })
  client.serve('/apis', {
    groups: [
      {
        name: 'x.io',
        preferredVersion: { groupVersion: 'x.io/v2' },
        versions: [{ groupVersion: 'x.io/v1' }, { groupVersion: 'x.io/v2' }],
      },
    ],
  })
  client.serve('/apis/x.io/v1', { resources: [{ name: 'things', kind: 'Thing', namespaced: true, verbs }] })
  client.serve('/apis/x.io/v2', { resources: [{ name: 'things', kind: 'Thing', namespaced: true, verbs }] })
  const { resources, failed } = await discover(client.transport)
  assert.deepEqual(
    resources.map(({ version, resource }) => `${version} ${resource}`),
    ['v1 pods', 'v2 things'],
  )
  assert.deepEqual(failed, [])
})
