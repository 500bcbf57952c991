import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore } from '../../store/memory/store.ts'
import type { Store } from '../../store/store.ts'
import { openServer } from '../open-server.fixture.ts'

const renewTime = (second: number) => `2026-01-01T00:00:0${second}.000000Z`

/** Whether each write to a lease was a fleeting one. */
async function writesToLease(namespace: string, specs: readonly object[]): Promise<boolean[]> {
  const memory = createMemoryStore()
  const writes: boolean[] = []
  const store: Store = {
    ...memory,
    transact(transaction) {
      if (transaction.operations.some(({ key }) => key.startsWith('/registry/leases/'))) {
        writes.push(transaction.fleeting === true)
      }
      return memory.transact(transaction)
    },
  }
  await using open = await openServer({ store })
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  const [first, ...rest] = specs
  await open.call('POST', path, { metadata: { name: 'a' }, spec: first })
  for (const spec of rest) {
    await open.call('PATCH', `${path}/a`, { spec }, { contentType: 'application/merge-patch+json' })
  }
  return writes
}

const held = { holderIdentity: 'node1', leaseDurationSeconds: 40 }

test('a node that renews its lease makes fleeting writes, and a durable one where it says more', async () => {
  const writes = await writesToLease('kube-node-lease', [
    { ...held, renewTime: renewTime(1) },
    { ...held, renewTime: renewTime(2) },
    { ...held, renewTime: renewTime(3), holderIdentity: 'node2' },
    { ...held, renewTime: renewTime(4), holderIdentity: 'node2' },
  ])
  assert.deepEqual(writes, [false, true, false, true])
})

test('a lease by which a leader is elected is durable with every renewal', async () => {
  const writes = await writesToLease('kube-system', [
    { ...held, renewTime: renewTime(1) },
    { ...held, renewTime: renewTime(2) },
  ])
  assert.deepEqual(writes, [false, false])
})
