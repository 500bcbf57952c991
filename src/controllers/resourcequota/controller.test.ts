import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { resourceQuotas } from '../../api/core/v1/resource-quota.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { resourceQuotaController } from './controller.ts'

const pod = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
    status: { phase: 'Running' },
  }) as unknown as KubeObject

test('what is used is told at once, when pods end or go, and not when anything else of them changes', async () => {
  const harness = startHarness({ controllers: [resourceQuotaController] })
  serveDiscovery(harness.client, pods)
  harness.client.seed(pods, pod('a'), pod('b'), pod('c'))
  harness.client.seed(resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard: { pods: '5', 'requests.cpu': '1' } },
  } as unknown as KubeObject)
  await harness.settle()
  const used = () => harness.client.objects(resourceQuotas)[0]!.status?.used
  assert.deepEqual(used(), { pods: '3', 'requests.cpu': '300m' })
  const status = (name: string, patch: object) =>
    harness.client.patch(pods, { namespace: 'default', name }, 'merge', { status: patch }, { subresource: 'status' })
  await status('a', { phase: 'Succeeded' })
  await harness.client.delete(pods, { namespace: 'default', name: 'b' })
  await harness.advance(1000)
  assert.deepEqual(used(), { pods: '1', 'requests.cpu': '100m' })
  const before = harness.client.writes().length
  await status('c', { podIP: '10.0.0.1' })
  await harness.advance(600_000)
  assert.equal(harness.client.writes().length, before + 1)
  await harness.stop()
})

test('what admission has charged for objects that are not seen yet is left alone, and limits that others wrote are not', async () => {
  const harness = startHarness({ controllers: [resourceQuotaController] })
  serveDiscovery(harness.client, pods)
  harness.client.seed(resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard: { pods: '5' } },
  } as unknown as KubeObject)
  await harness.settle()
  const told = () => harness.client.objects(resourceQuotas)[0]!.status
  const patch = (status: object) =>
    harness.client.patch(
      resourceQuotas,
      { namespace: 'default', name: 'q' },
      'merge',
      { status },
      { subresource: 'status' },
    )
  await patch({ used: { pods: '1' } })
  await harness.settle()
  assert.deepEqual(told()?.used, { pods: '1' })
  await patch({ hard: { pods: '7' } })
  await harness.settle()
  assert.deepEqual(told(), { hard: { pods: '5' }, used: { pods: '0' } })
  await harness.stop()
})

test('a pod that is bound is not counted again: admission may have charged one that is not seen yet', async () => {
  const harness = startHarness({ controllers: [resourceQuotaController] })
  serveDiscovery(harness.client, pods)
  harness.client.seed(pods, pod('a'))
  harness.client.seed(resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard: { pods: '2' } },
  } as unknown as KubeObject)
  await harness.settle()
  const used = () => harness.client.objects(resourceQuotas)[0]!.status?.used
  assert.deepEqual(used(), { pods: '1' })
  const charge = { status: { used: { pods: '2' } } }
  const quota = { namespace: 'default', name: 'q' }
  await harness.client.patch(resourceQuotas, quota, 'merge', charge, { subresource: 'status' })
  await harness.client.patch(pods, { namespace: 'default', name: 'a' }, 'merge', { spec: { nodeName: 'n' } })
  await harness.settle()
  assert.deepEqual(used(), { pods: '2' })
  await harness.stop()
})
