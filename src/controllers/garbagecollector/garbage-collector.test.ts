import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { ApiError } from '../../machinery/errors.ts'
import { apiVersionOf, type KubeObject, type OwnerReference } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { garbageCollector } from './controller.ts'

const served = [deployments, replicaSets, pods, configMaps, nodes, customResourceDefinitions] as ResourceRef[]
const start = () =>
  startHarness({ controllers: [garbageCollector], prepare: (client) => serveDiscovery(client, ...served) })

const reference = (ref: ResourceRef, owner: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: apiVersionOf(ref),
  kind: ref.kind,
  name: owner.metadata.name!,
  uid: owner.metadata.uid!,
  ...more,
})
const make = (
  { client }: Harness,
  ref: ResourceRef,
  name: string,
  owners: OwnerReference[] = [],
  namespace = 'default',
) =>
  client.seed(ref, {
    apiVersion: apiVersionOf(ref),
    kind: ref.kind,
    metadata: {
      name,
      namespace: ref.namespaced ? namespace : undefined,
      ownerReferences: owners.length > 0 ? owners : undefined,
    },
  })[0]!
const names = ({ client }: Harness, ref: ResourceRef) => client.objects(ref).map(({ metadata }) => metadata.name)
const at = (name: string) => ({ namespace: 'default', name })

function family(harness: Harness, blocking = false) {
  const more = { blockOwnerDeletion: blocking, controller: true }
  const deployment = make(harness, deployments, 'd')
  const set = make(harness, replicaSets, 'rs', [reference(deployments, deployment, more)])
  for (const name of ['p1', 'p2']) make(harness, pods, name, [reference(replicaSets, set, more)])
  return { deployment, set }
}

test('dependents follow their owner, down to the last', async () => {
  const harness = start()
  family(harness)
  await harness.settle()
  assert.equal(harness.client.writes().length, 0)
  await harness.client.delete(deployments, at('d'), { propagationPolicy: 'Background' })
  await harness.advance(1000)
  assert.deepEqual([names(harness, replicaSets), names(harness, pods)], [[], []])
  await harness.stop()
})

test('an owner that goes in the foreground waits for those who block it', async () => {
  const harness = start()
  family(harness, true)
  const held = make(harness, pods, 'held')
  await harness.settle()
  const { set } = { set: harness.client.objects(replicaSets)[0]! }
  await harness.client.patch(pods, at('held'), 'merge', {
    metadata: { finalizers: ['x/hold'], ownerReferences: [reference(replicaSets, set, { blockOwnerDeletion: true })] },
  })
  await harness.client.delete(deployments, at('d'), { propagationPolicy: 'Foreground' })
  await harness.advance(1000)
  assert.deepEqual(names(harness, deployments), ['d'])
  assert.deepEqual(names(harness, pods), ['held'])
  assert.ok(held)
  await harness.client.patch(pods, at('held'), 'json', [{ op: 'remove', path: '/metadata/finalizers' }])
  await harness.advance(1000)
  assert.deepEqual([names(harness, deployments), names(harness, replicaSets), names(harness, pods)], [[], [], []])
  await harness.stop()
})

test('orphans stay, without their owner reference', async () => {
  const harness = start()
  family(harness)
  await harness.settle()
  await harness.client.delete(deployments, at('d'), { propagationPolicy: 'Orphan' })
  await harness.advance(1000)
  assert.deepEqual([names(harness, deployments), names(harness, replicaSets)], [[], ['rs']])
  assert.deepEqual(harness.client.objects(replicaSets)[0]!.metadata.ownerReferences ?? [], [])
  assert.deepEqual(names(harness, pods), ['p1', 'p2'])
  await harness.stop()
})

test('an object with another living owner only loses the reference', async () => {
  const harness = start()
  const [one, two] = [make(harness, configMaps, 'one'), make(harness, configMaps, 'two')]
  make(harness, pods, 'p', [reference(configMaps, one), reference(configMaps, two)])
  await harness.settle()
  await harness.client.delete(configMaps, at('one'))
  await harness.advance(1000)
  const owners = harness.client.objects(pods)[0]!.metadata.ownerReferences
  assert.deepEqual(
    owners?.map(({ name }) => name),
    ['two'],
  )
  await harness.stop()
})

test('an owner that never was is checked at the server, then its dependents go', async () => {
  const harness = start()
  const ghost = { metadata: { name: 'ghost', uid: 'no-such-uid' } } as KubeObject
  make(harness, pods, 'p', [reference(configMaps, ghost)])
  await harness.advance(1000)
  assert.deepEqual(names(harness, pods), [])
  await harness.stop()
})

test('an owner of a kind that is not served yet protects its dependents', async () => {
  const harness = start()
  const things: ResourceRef = { group: 'x.io', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
  const thing = make(harness, things, 'thing')
  make(harness, pods, 'p', [reference(things, thing)])
  await harness.advance(10_000)
  assert.deepEqual(names(harness, pods), ['p'])
  serveDiscovery(harness.client, ...served, things)
  make(harness, customResourceDefinitions as ResourceRef, 'things.x.io')
  await harness.advance(2000)
  assert.deepEqual(names(harness, pods), ['p'])
  await harness.client.delete(things, at('thing'))
  await harness.advance(10_000)
  assert.deepEqual(names(harness, pods), [])
  await harness.stop()
})

test('custom dependents, which know no strategic patch, are set free all the same', async () => {
  const harness = start()
  const things: ResourceRef = { group: 'x.io', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
  serveDiscovery(harness.client, ...served, things)
  harness.client.react('patch', 'things', ({ body }) => {
    if (JSON.stringify(body).includes('$patch'))
      throw new ApiError({ code: 415, reason: 'UnsupportedMediaType', message: 'no' })
  })
  const owner = make(harness, configMaps, 'owner')
  make(harness, things, 'thing', [reference(configMaps, owner)])
  await harness.settle()
  await harness.client.delete(configMaps, at('owner'), { propagationPolicy: 'Orphan' })
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(things)[0]!.metadata.ownerReferences, undefined)
  await harness.stop()
})

test('a reference across namespaces is told of, and counts for nothing', async () => {
  const harness = start()
  const owner = make(harness, configMaps, 'owner', [], 'other')
  await harness.settle()
  make(harness, pods, 'p', [reference(configMaps, owner)])
  await harness.advance(1000)
  assert.deepEqual(names(harness, pods), [])
  assert.deepEqual(names(harness, configMaps), ['owner'])
  assert.match(
    harness.events[0]!,
    /^Warning OwnerRefInvalidNamespace ownerRef \[v1\/ConfigMap, namespace: default, name: owner, uid: .*\] does not exist in namespace "default"$/,
  )
  await harness.stop()
})

test('a cluster-scoped object with a namespaced owner is left alone', async () => {
  const harness = start()
  const owner = make(harness, configMaps, 'owner')
  make(harness, nodes, 'n', [reference(configMaps, owner)])
  make(harness, nodes, 'm', [reference(configMaps, { metadata: { name: 'x', uid: 'ghost' } } as KubeObject)])
  await harness.advance(5000)
  assert.deepEqual(names(harness, nodes), ['n', 'm'])
  await harness.stop()
})

test('owners in a circle that go in the foreground do not wait for each other for ever', async () => {
  const harness = start()
  const a = make(harness, configMaps, 'a')
  const b = make(harness, configMaps, 'b', [reference(configMaps, a, { blockOwnerDeletion: true })])
  await harness.client.patch(configMaps, at('a'), 'merge', {
    metadata: { ownerReferences: [reference(configMaps, b, { blockOwnerDeletion: true })] },
  })
  await harness.settle()
  await harness.client.delete(configMaps, at('a'), { propagationPolicy: 'Foreground' })
  await harness.advance(5000)
  assert.deepEqual(names(harness, configMaps), [])
  await harness.stop()
})
