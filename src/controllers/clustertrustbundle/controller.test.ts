import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterTrustBundles } from '../../api/certificates/v1/cluster-trust-bundle.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { bundleName, clusterTrustBundlePublisher } from './controller.ts'

const signerName = 'kubernetes.io/kube-apiserver-serving'

test('whom to trust is published, restored, and replaces what was published before', async () => {
  const harness = startHarness({ controllers: [clusterTrustBundlePublisher], options: { rootCa: 'CA' } })
  harness.client.seed(clusterTrustBundles, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'ClusterTrustBundle',
    metadata: { name: bundleName(signerName, 'old') },
    spec: { signerName, trustBundle: 'old' },
  } as unknown as KubeObject)
  await harness.settle()
  const name = bundleName(signerName, 'CA')
  assert.match(name, /^kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24}$/)
  const published = () =>
    harness.client.objects(clusterTrustBundles).map(({ metadata, spec }) => [metadata.name, spec.trustBundle])
  assert.deepEqual(published(), [[name, 'CA']])
  await harness.client.patch(clusterTrustBundles, { name }, 'merge', { spec: { trustBundle: 'forged' } })
  await harness.advance(1000)
  assert.deepEqual(published(), [[name, 'CA']])
  await harness.client.delete(clusterTrustBundles, { name })
  await harness.advance(1000)
  assert.deepEqual(published(), [[name, 'CA']])
  await harness.stop()
})
