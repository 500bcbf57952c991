import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceRef } from '../api/definition.ts'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { seededRandom } from '../machinery/random.ts'
import { fakeClient } from './fake/fake-client.ts'
import { createInformerFactory } from './informer-factory.ts'
import { keyOf } from './informer.ts'

type Thing = KubeObject & { spec?: { size?: number } }
const things: ResourceRef<Thing> = { group: 'x.io', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
const thing = (name: string, size = 0, namespace = 'default'): Thing => ({
  apiVersion: 'x.io/v1',
  kind: 'Thing',
  metadata: { name, namespace },
  spec: { size },
})

const setup = (watchList = false) => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  const random = seededRandom(1)
  const informers = createInformerFactory({ client, clock, log: silentLogger, random, watchList })
  const settle = () => clock.advance(0)
  return { clock, client, informers, settle }
}

for (const watchList of [false, true]) {
  const how = watchList ? 'a streamed list' : 'a list'
  test(`an informer that begins with ${how} follows the collection`, async () => {
    const { client, informers, settle } = setup(watchList)
    client.seed(things, thing('a', 1), thing('b', 1, 'other'))
    const informer = informers.for(things)
    const seen: string[] = []
    informer.subscribe({
      added: (object) => seen.push(`+${object.metadata.name}`),
      updated: (object, old) => seen.push(`${old.metadata.name}:${old.spec?.size}→${object.spec?.size}`),
      deleted: (object) => seen.push(`-${object.metadata.name}`),
    })
    await informer.whenSynced()
    assert.deepEqual(seen, ['+a', '+b'])
    await client.create(things, thing('c', 1))
    await client.patch(things, { namespace: 'default', name: 'a' }, 'merge', { spec: { size: 2 } })
    await client.delete(things, { namespace: 'other', name: 'b' })
    await settle()
    assert.deepEqual(seen.slice(2), ['+c', 'a:1→2', '-b'])
    assert.deepEqual(informer.list().map(keyOf), ['default/a', 'default/c'])
    assert.deepEqual(informer.byIndex('namespace', 'default').map(keyOf), ['default/a', 'default/c'])
    assert.deepEqual(informer.byIndex('namespace', 'other'), [])
    assert.equal(informer.get('default/a')?.spec?.size, 2)
    await informers.stop()
  })
}

test('an informer resumes where a broken watch ended, without listing again', async () => {
  const { client, informers, clock } = setup()
  const informer = informers.for(things)
  await informer.whenSynced()
  await clock.advance(5000)
  client.breakWatches()
  client.seed(things, thing('late'))
  await clock.advance(60_000)
  assert.deepEqual(informer.list().map(keyOf), ['default/late'])
  assert.equal(client.actions.filter((action) => action.verb === 'list').length, 1)
  await informers.stop()
})

test('an informer whose revision is too old lists again and tells what vanished meanwhile', async () => {
  const { client, informers, clock } = setup()
  client.seed(things, thing('a'), thing('b'))
  const informer = informers.for(things)
  await informer.whenSynced()
  const seen: string[] = []
  informer.subscribe({
    added: ({ metadata }) => seen.push(`+${metadata.name}`),
    deleted: ({ metadata }) => seen.push(`-${metadata.name}`),
  })
  client.breakWatches({ forget: true })
  await client.delete(things, { namespace: 'default', name: 'a' })
  client.seed(things, thing('c'))
  await clock.advance(60_000)
  assert.deepEqual(seen, ['+a', '+b', '+c', '-a'])
  await informers.stop()
})

test('a server that refuses is asked again with growing pauses', async () => {
  const { client, informers, clock } = setup()
  let refusals = 0
  const stop = client.react('list', 'things', () => {
    refusals++
    throw new Error('connection refused')
  })
  const informer = informers.for(things)
  await clock.advance(10_000)
  assert.ok(refusals >= 3 && refusals <= 8, `${refusals} refusals`)
  assert.equal(informer.synced, false)
  stop()
  await clock.advance(60_000)
  assert.equal(informer.synced, true)
  await informers.stop()
})

test('informers of one collection and selector are one; an index may be added late', async () => {
  const { client, informers, settle } = setup()
  client.seed(things, thing('a', 1), thing('b', 2), thing('c', 2))
  const informer = informers.for(things)
  assert.equal(informers.for(things, {}), informer)
  assert.notEqual(informers.for(things, { namespace: 'default' }), informer)
  await informer.whenSynced()
  informer.addIndex('size', (object) => [String(object.spec?.size)])
  assert.deepEqual(informer.byIndex('size', '2').map(keyOf), ['default/b', 'default/c'])
  await client.patch(things, { namespace: 'default', name: 'b' }, 'merge', { spec: { size: 3 } })
  await settle()
  assert.deepEqual(informer.byIndex('size', '2').map(keyOf), ['default/c'])
  assert.deepEqual(informer.byIndex('size', '3').map(keyOf), ['default/b'])
  await informers.stop()
})

test('a handler that throws stops neither the informer nor the others', async () => {
  const { client, informers, settle } = setup()
  const informer = informers.for(things)
  await informer.whenSynced()
  const seen: string[] = []
  informer.subscribe({
    added: () => {
      throw new Error('bad handler')
    },
  })
  informer.subscribe({ added: ({ metadata }) => seen.push(metadata.name!) })
  client.seed(things, thing('a'), thing('b'))
  await settle()
  assert.deepEqual(seen, ['a', 'b'])
  await informers.stop()
})
