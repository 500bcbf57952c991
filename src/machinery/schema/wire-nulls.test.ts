import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaOfKind } from '../../api/schema/facts.ts'
import { nullEmptied } from './wire-nulls.ts'

const through = <T extends object>(group: string, version: string, kind: string, object: T): T => {
  nullEmptied(schemaOfKind(group, version, kind)!, object)
  return object
}

test('empty lists that are always written become null, at any depth', () => {
  const slice = { addressType: 'IPv4', endpoints: [], ports: [] }
  assert.deepEqual(through('discovery.k8s.io', 'v1', 'EndpointSlice', slice), {
    addressType: 'IPv4',
    endpoints: null,
    ports: null,
  })
  assert.deepEqual(through('storage.k8s.io', 'v1', 'CSINode', { spec: { drivers: [] } }), { spec: { drivers: null } })
})

test('what holds something stays', () => {
  const pod = { spec: { containers: [{ name: 'a' }], volumes: [{ name: 'v', projected: { sources: [] } }] } }
  assert.deepEqual(through('', 'v1', 'Pod', structuredClone(pod)), {
    spec: { containers: [{ name: 'a' }], volumes: [{ name: 'v', projected: { sources: null } }] },
  })
})
