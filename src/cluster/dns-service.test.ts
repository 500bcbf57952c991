import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../api/types.generated.ts'
import { dnsEndpoints, dnsService } from './dns-service.ts'

const node = (name: string, address: string, ready: string) =>
  ({
    metadata: { name },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: ready }],
    },
  }) as unknown as Node

test('every ready node answers for the cluster’s DNS, and its own pods ask it first', () => {
  const { endpoints } = dnsEndpoints(
    [node('b', '10.89.0.12', 'True'), node('a', '10.89.0.11', 'True'), node('c', '10.89.0.13', 'False')],
    53,
  )
  assert.deepEqual(
    endpoints?.map(({ addresses, nodeName, hints }) => [addresses, nodeName, hints]),
    [
      [['10.89.0.11'], 'a', { forNodes: [{ name: 'a' }] }],
      [['10.89.0.12'], 'b', { forNodes: [{ name: 'b' }] }],
    ],
  )
  assert.equal(dnsService('10.96.0.10', 53).spec.selector, undefined)
})
