import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { detachedSignature } from './bootstrap-token.ts'
import { bootstrapSigner, tokenCleaner } from './controller.ts'

const token = (id: string, data: Record<string, string> = {}): KubeObject => {
  const all = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...data }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    data: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  } as unknown as KubeObject
}

test('a signature is the one that kubeadm checks', () => {
  // Of cluster-bootstrap/token/jws/jws_test.go.
  assert.equal(
    detachedSignature(
      'Hello from the other side. I must have called a thousand times.',
      'joshua',
      'my voice is my passcode',
    ),
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  )
})

test('cluster-info is signed with every token that may, and loses the signatures of others', async () => {
  const harness = startHarness({ controllers: [bootstrapSigner] })
  const data = { kubeconfig: 'k', 'jws-kubeconfig-gone00': 'x' }
  harness.client.seed(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data,
  } as unknown as KubeObject)
  harness.client.seed(secrets, token('aaaaaa'))
  harness.client.seed(secrets, token('bbbbbb', { 'usage-bootstrap-signing': 'false' }))
  await harness.settle()
  assert.deepEqual(harness.client.objects(configMaps)[0]!.data, {
    kubeconfig: 'k',
    'jws-kubeconfig-aaaaaa': detachedSignature('k', 'aaaaaa', '0123456789abcdef'),
  })
  assert.equal(harness.client.writes().length, 1)
  await harness.stop()
})

test('tokens are deleted when they end', async () => {
  const harness = startHarness({ controllers: [tokenCleaner] })
  const soon = new Date(harness.clock.now() + 60_000).toISOString()
  harness.client.seed(secrets, token('aaaaaa', { expiration: soon }))
  harness.client.seed(secrets, token('bbbbbb', { expiration: 'never' }))
  harness.client.seed(secrets, token('cccccc'))
  await harness.advance(59_000)
  assert.equal(harness.client.objects(secrets).length, 2)
  await harness.advance(2000)
  assert.deepEqual(
    harness.client.objects(secrets).map(({ metadata }) => metadata.name),
    ['bootstrap-token-cccccc'],
  )
  await harness.stop()
})
