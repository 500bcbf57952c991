import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodes } from '../../api/core/v1/node.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { ttlController } from './controller.ts'
import { nextStep } from './reconcile.ts'

test('the borders between the steps overlap', () => {
  assert.deepEqual(
    [100, 101, 95, 89].map((count) => nextStep(0, count)),
    [0, 1, 0, 0],
  )
  assert.deepEqual(
    [100, 90, 89, 2001].map((count) => nextStep(1, count)),
    [1, 1, 0, 4],
  )
})

test('nodes are told once, and again when somebody changes it', async () => {
  const harness = startHarness({ controllers: [ttlController] })
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } as KubeObject
  harness.client.seed(nodes, node)
  await harness.settle()
  const annotations = () => harness.client.objects(nodes)[0]!.metadata.annotations
  assert.deepEqual(annotations(), { 'node.alpha.kubernetes.io/ttl': '0' })
  await harness.client.patch(nodes, { name: 'n' }, 'merge', {
    metadata: { annotations: { 'node.alpha.kubernetes.io/ttl': 'x' } },
  })
  await harness.advance(1000)
  assert.deepEqual(annotations(), { 'node.alpha.kubernetes.io/ttl': '0' })
  assert.equal(harness.client.writes().length, 3)
  await harness.stop()
})
