import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../api/core/v1/config-map.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { seededRandom } from '../machinery/random.ts'
import { startController } from './start-controller.ts'

interface Boat extends KubeObject {
  readonly spec: { readonly crew: number }
}
const boats = { group: 'ex.com', version: 'v1', kind: 'Boat', resource: 'boats', namespaced: true } as const
const boat = (name: string, crew: number) =>
  ({ apiVersion: 'ex.com/v1', kind: 'Boat', metadata: { namespace: 'default', name }, spec: { crew } }) as Boat

test('a controller of one’s own sees its objects, and what they own, again when it failed', async () => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock, random: seededRandom(1) })
  client.seed(boats, boat('a', 1))
  const seen: string[] = []
  let failures = 1
  const controller = startController<Boat>(
    { client, clock, log: silentLogger },
    {
      name: 'harbor',
      for: boats,
      owns: [configMaps],
      async reconcile({ metadata, spec, apiVersion, kind }) {
        seen.push(`${metadata.name} ${spec.crew}`)
        if (failures-- > 0) throw new Error('not yet')
        const { name = '', namespace, uid = '' } = metadata
        const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }]
        if (client.objects(configMaps).length > 0) return
        const list = { metadata: { name: `${name}-list`, namespace, ownerReferences }, data: { crew: `${spec.crew}` } }
        await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', ...list })
      },
    },
  )
  const settle = async () => {
    for (let round = 0; round < 20; round++) await clock.advance(100)
  }
  await settle()
  assert.deepEqual([...new Set(seen)], ['a 1'])
  assert.ok(seen.length >= 2)
  assert.equal(client.objects(configMaps)[0]?.data?.['crew'], '1')
  seen.length = 0
  await client.delete(configMaps, { namespace: 'default', name: 'a-list' })
  await settle()
  assert.ok(seen.includes('a 1'))
  assert.equal(client.objects(configMaps).length, 1)
  await controller.stop()
  seen.length = 0
  client.seed(boats, boat('b', 1))
  await settle()
  assert.deepEqual(seen, [])
})
