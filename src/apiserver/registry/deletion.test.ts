import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, VirtualClock } from '../../machinery/clock.ts'
import { createMemoryStore } from '../../store/memory/store.ts'
import type { Operation } from '../../store/store.ts'
import type { AdmissionPlugin } from '../admission/plugin.ts'
import { configMap, configMapsPath, openServer, pod, podsPath, type Body } from '../open-server.fixture.ts'
import { tabs } from '../crd/tabs.fixture.ts'

const merge = { contentType: 'application/merge-patch+json' }
const messageOf = (body: Body) => (body as unknown as { message: string }).message
const running = { nodeName: 'n1' }

test('most kinds answer a deletion with a Status that names the object, some with the object', async () => {
  await using open = await openServer()
  const { body: made } = await open.call('POST', configMapsPath, configMap('a'))
  const { status, body } = await open.call('DELETE', `${configMapsPath}/a`)
  assert.equal(status, 200)
  const { details } = body as unknown as { details: object }
  assert.deepEqual(JSON.parse(JSON.stringify(details)), { name: 'a', kind: 'configmaps', uid: made.metadata.uid })
  await open.call('POST', podsPath, pod('p'))
  assert.equal((await open.call('DELETE', `${podsPath}/p`)).body.kind, 'Pod')
  const missing = await open.call('DELETE', `${configMapsPath}/a`)
  assert.deepEqual([missing.status, messageOf(missing.body)], [404, 'configmaps "a" not found'])
})

test('a running pod gets its grace, which can only be shortened, and goes when it is confirmed', async () => {
  const clock = new VirtualClock()
  await using open = await openServer({ clock })
  await open.call('POST', podsPath, pod('p', {}, { ...running, terminationGracePeriodSeconds: 30 }))
  const remove = async (options?: object) => (await open.call('DELETE', `${podsPath}/p`, options)).body.metadata
  const first = await remove()
  assert.equal(first.deletionGracePeriodSeconds, 30)
  assert.equal(Date.parse(first.deletionTimestamp!), clock.now() + 30_000)
  assert.equal((await remove({ gracePeriodSeconds: 60 })).deletionGracePeriodSeconds, 30)
  assert.equal((await remove({ gracePeriodSeconds: 10 })).deletionGracePeriodSeconds, 10)
  assert.equal((await open.call('GET', `${podsPath}/p`)).status, 200)
  await remove({ gracePeriodSeconds: 0 })
  assert.equal((await open.call('GET', `${podsPath}/p`)).status, 404)
})

test('a pod that no node has goes at once', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('p'))
  await open.call('DELETE', `${podsPath}/p`)
  assert.equal((await open.call('GET', `${podsPath}/p`)).status, 404)
})

test('finalizers hold an object until the last one is taken away', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a', { finalizers: ['x.io/one', 'x.io/two'] }))
  const held = await open.call('DELETE', `${configMapsPath}/a`)
  assert.equal(held.body.metadata.deletionGracePeriodSeconds, 0)
  assert.ok(held.body.metadata.deletionTimestamp)
  const added = await open.call(
    'PATCH',
    `${configMapsPath}/a`,
    { metadata: { finalizers: ['x.io/one', 'x.io/new'] } },
    merge,
  )
  assert.equal(added.status, 422)
  await open.call('PATCH', `${configMapsPath}/a`, { metadata: { finalizers: ['x.io/one'] } }, merge)
  const last = await open.call('PATCH', `${configMapsPath}/a`, { metadata: { finalizers: [] } }, merge)
  assert.equal(last.status, 200)
  assert.equal((await open.call('GET', `${configMapsPath}/a`)).status, 404)
})

test('orphan and foreground deletion leave work for the garbage collector', async () => {
  await using open = await openServer()
  for (const [propagationPolicy, finalizer] of [
    ['Orphan', 'orphan'],
    ['Foreground', 'foregroundDeletion'],
  ] as const) {
    await open.call('POST', configMapsPath, configMap('a'))
    const { body } = await open.call('DELETE', `${configMapsPath}/a`, { propagationPolicy })
    assert.deepEqual(body.metadata.finalizers, [finalizer])
    await open.call('PATCH', `${configMapsPath}/a`, { metadata: { finalizers: null } }, merge)
    assert.equal((await open.call('GET', `${configMapsPath}/a`)).status, 404)
  }
})

test('events have no dependents, whatever the request says of them', async () => {
  await using open = await openServer()
  const path = configMapsPath.replace('configmaps', 'events')
  const namespace = /namespaces\/([^/]+)/.exec(path)![1]!
  await open.call('POST', path, { metadata: { name: 'e' }, involvedObject: { namespace } })
  const { body } = await open.call('DELETE', `${path}/e`, { propagationPolicy: 'Foreground' })
  assert.equal(body.status, 'Success')
})

test('preconditions protect from deleting another object', async () => {
  await using open = await openServer()
  const { body: made } = await open.call('POST', configMapsPath, configMap('a'))
  const refused = await open.call('DELETE', `${configMapsPath}/a`, { preconditions: { uid: 'other' } })
  assert.equal(refused.status, 409)
  assert.match(messageOf(refused.body), /the UID in the precondition \(other\) does not match the UID in record/)
  const stale = await open.call('DELETE', `${configMapsPath}/a`, { preconditions: { resourceVersion: '1' } })
  assert.equal(stale.status, 409)
  const { uid, resourceVersion } = made.metadata
  assert.equal(
    (await open.call('DELETE', `${configMapsPath}/a`, { preconditions: { uid, resourceVersion } })).status,
    200,
  )
})

test('a dry run deletes nothing', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a'))
  assert.equal((await open.call('DELETE', `${configMapsPath}/a`, { dryRun: ['All'] })).status, 200)
  assert.equal((await open.call('GET', `${configMapsPath}/a`)).status, 200)
})

test('a collection is deleted as selected, and answered with its list', async () => {
  await using open = await openServer()
  for (const name of ['a', 'b', 'c']) {
    await open.call('POST', configMapsPath, configMap(name, { labels: { gone: String(name !== 'b') } }))
  }
  const { body } = await open.call('DELETE', configMapsPath, undefined, { query: { labelSelector: 'gone=true' } })
  assert.deepEqual(
    body.items.map(({ metadata }) => metadata.name),
    ['a', 'c'],
  )
  const left = await open.call('GET', configMapsPath)
  assert.deepEqual(
    left.body.items.map(({ metadata }) => metadata.name),
    ['b'],
  )
})

test('the name of an object that is going is not free yet', async () => {
  await using open = await openServer()
  await open.call('POST', configMapsPath, configMap('a', { finalizers: ['x.io/one'] }))
  await open.call('DELETE', `${configMapsPath}/a`)
  const { status, body } = await open.call('POST', configMapsPath, configMap('a'))
  assert.deepEqual([status, messageOf(body)], [409, 'object is being deleted: configmaps "a" already exists'])
})

test('a namespace ends when its finalizers are gone', async () => {
  await using open = await openServer()
  const path = '/api/v1/namespaces/mine'
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'mine' } })
  const { body } = await open.call('DELETE', path)
  const namespace = body as unknown as { status: { phase: string }; spec: { finalizers: string[] } }
  assert.equal(namespace.status.phase, 'Terminating')
  assert.deepEqual(namespace.spec.finalizers, ['kubernetes'])
  assert.equal((await open.call('GET', path)).status, 200)
  const finalized = await open.call('PUT', `${path}/finalize`, { ...body, spec: { finalizers: [] } })
  assert.equal(finalized.status, 200)
  const last = await open.call('DELETE', path)
  assert.ok(last.status === 200 || last.status === 404)
  assert.equal((await open.call('GET', path)).status, 404)
})

test('an object that another replaces while a hook marks it is a conflict, one that vanishes is not found', async () => {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  for (const [path, object, key] of [
    [crds, tabs, '/registry/apiextensions.k8s.io/customresourcedefinitions/tabs.example.com'],
    ['/api/v1/namespaces', { metadata: { name: 'other' } }, '/registry/namespaces/other'],
  ] as const) {
    for (const [race, expected] of [
      ['replaced', 409],
      ['deleted', 404],
    ] as const) {
      let raced = false
      const store = createMemoryStore({ clock: systemClock })
      const meanwhile: AdmissionPlugin = {
        name: 'Meanwhile',
        handles: (operation) => operation === 'DELETE',
        async validate() {
          if (raced) return
          raced = true
          const { entry } = await store.get(key)
          const text = Buffer.from(entry!.value).toString()
          const value = Buffer.from(text.replace(/"uid":"[^"]*"/, '"uid":"of-another"'))
          const operation = race === 'replaced' ? ({ type: 'put', key, value } as const) : { type: 'delete', key }
          await store.transact({ compares: [], operations: [operation as Operation] })
        },
      }
      await using open = await openServer({ store, admission: [meanwhile] })
      const made = await open.call('POST', path, object)
      assert.equal(made.status, 201)
      const { status } = await open.call('DELETE', `${path}/${made.body.metadata.name}`)
      assert.deepEqual([path, race, raced, status], [path, race, true, expected])
    }
  }
})
