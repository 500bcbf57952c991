import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podCertificateRequests } from '../../api/certificates/v1/pod-certificate-request.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { podCertificateRequestCleaner } from './controller.ts'

test('requests are deleted after a quarter of an hour', async () => {
  const harness = startHarness({ controllers: [podCertificateRequestCleaner] })
  const left = () => harness.client.objects(podCertificateRequests).length
  harness.client.seed(podCertificateRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'PodCertificateRequest',
    metadata: { name: 'r', namespace: 'default' },
  } as KubeObject)
  await harness.advance(14 * 60_000)
  assert.equal(left(), 1)
  await harness.advance(2 * 60_000)
  assert.equal(left(), 0)
  await harness.stop()
})
