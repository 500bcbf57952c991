import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceRef } from '../../api/definition.ts'
import { isReason } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { fakeClient } from './fake-client.ts'

type Thing = KubeObject & { spec?: { size?: number }; status?: { ready?: boolean } }
const things: ResourceRef<Thing> = { group: 'x.io', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
const thing = (name: string, more: Partial<Thing> = {}): Thing => ({
  apiVersion: 'x.io/v1',
  kind: 'Thing',
  metadata: { name, namespace: 'default' },
  ...more,
})
const a = { namespace: 'default', name: 'a' }

test('a fake client fills in what the server does and freezes what it gives', async () => {
  const client = fakeClient()
  const made = await client.create(things, thing('a', { spec: { size: 1 } }))
  assert.ok(made.metadata.uid && made.metadata.resourceVersion && made.metadata.creationTimestamp)
  assert.equal(made.metadata.generation, 1)
  assert.ok(Object.isFrozen(made.spec))
  await assert.rejects(client.create(things, thing('a')), (error) => isReason(error, 'AlreadyExists'))
  await assert.rejects(client.get(things, { namespace: 'default', name: 'b' }), (error) => isReason(error, 'NotFound'))
})

test('a stale update is a conflict, and status and spec are written apart', async () => {
  const client = fakeClient()
  const made = await client.create(things, thing('a', { spec: { size: 1 } }))
  const bigger = await client.update(things, { ...made, spec: { size: 2 }, status: { ready: true } })
  assert.equal(bigger.metadata.generation, 2)
  await assert.rejects(client.update(things, made), (error) => isReason(error, 'Conflict'))
  const ready = await client.update(
    things,
    { ...bigger, spec: { size: 9 }, status: { ready: true } },
    { subresource: 'status' },
  )
  assert.deepEqual([ready.spec?.size, ready.status?.ready], [2, true])
  const still = await client.update(things, { ...ready, status: undefined })
  assert.equal(still.metadata.resourceVersion, ready.metadata.resourceVersion)
})

test('a watch resumes after a revision and sees objects enter and leave its selector', async () => {
  const client = fakeClient()
  await client.create(things, thing('a'))
  const { metadata } = await client.list(things)
  const watch = await client.watch(things, { resourceVersion: metadata.resourceVersion, labelSelector: 'on=yes' })
  await client.patch(things, a, 'merge', { metadata: { labels: { on: 'yes' } } })
  await client.patch(things, a, 'merge', { spec: { size: 3 } })
  await client.patch(things, a, 'merge', { metadata: { labels: { on: null } } })
  const seen: string[] = []
  for await (const event of watch) if (seen.push(event.type) === 3) break
  assert.deepEqual(seen, ['ADDED', 'MODIFIED', 'DELETED'])
  client.breakWatches({ forget: true })
  const late = await client.watch(things, { resourceVersion: metadata.resourceVersion })
  for await (const event of late) assert.equal((event.object as { code?: number }).code, 410)
})

test('finalizers hold a deletion back', async () => {
  const client = fakeClient()
  client.seed(things, thing('a', { metadata: { name: 'a', namespace: 'default', finalizers: ['x/y'] } }))
  await client.delete(things, a)
  const going = await client.get(things, a)
  assert.ok(going.metadata.deletionTimestamp)
  await client.update(things, { ...going, metadata: { ...going.metadata, finalizers: [] } })
  assert.deepEqual(client.objects(things), [])
})

test('reactions refuse calls and writes are remembered', async () => {
  const client = fakeClient()
  const stop = client.react('create', 'things', () => {
    throw new Error('no')
  })
  await assert.rejects(client.create(things, thing('a')), /no/)
  stop()
  await client.create(things, thing('a'))
  await client.get(things, a)
  assert.deepEqual(client.writes(), ['create things a', 'create things a'])
})
