import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { subjectAccessReviews } from '../../api/authorization/v1/subject-access-review.ts'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type { SubjectAccessReview } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { alternativeNamesOf } from '../../machinery/x509/alternative-names.ts'
import { createCertificate, parseCertificate } from '../../machinery/x509/certificate.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import type { Name } from '../../machinery/x509/name.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { startHarness } from '../runtime/harness.ts'
import { certificateApprover, certificateCleaner, certificateSigner } from './controller.ts'
import { type CertificateSigner, lifetimeMs } from './sign.ts'

const yearMs = 365 * 24 * 3_600_000
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const authorityKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signer: CertificateSigner = {
  certificate: { notAfter: Date.UTC(2100, 0) },
  sign: (template, lifetime) =>
    createCertificate(
      { ...template, notBefore: -300_000, notAfter: lifetime },
      { subject: { commonName: 'ca' }, ...authorityKey },
    ),
}
const node: Name = { commonName: 'system:node:n1', organizations: ['system:nodes'] }
const request = (options: {
  readonly signerName: string
  readonly usages: readonly string[]
  readonly subject?: Name
  readonly hosts?: readonly string[]
  readonly conditions?: readonly object[]
  readonly username?: string
}): KubeObject => {
  const { signerName, usages, subject = node, hosts = [], conditions, username = 'system:node:n1' } = options
  const csr = createCertificateRequest({ subject, privateKey, alternativeNames: alternativeNamesOf(hosts) })
  const pem = Buffer.from(encodePem('CERTIFICATE REQUEST', csr)).toString('base64')
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
    spec: { request: pem, signerName, usages, username, groups: ['system:nodes'] },
    status: conditions === undefined ? {} : { conditions },
  } as unknown as KubeObject
}
const clientUsages = ['digital signature', 'client auth']
const approved = [{ type: 'Approved', status: 'True', lastUpdateTime: '2026-01-01T00:00:00Z' }]

test('a kubelet gets its client certificate when it may ask for one, and only then', async () => {
  const harness = startHarness({ controllers: [certificateApprover] })
  let allowed = false
  const asked: unknown[] = []
  harness.client.react('create', subjectAccessReviews.resource, ({ body }) => {
    const review = body as SubjectAccessReview
    asked.push(review.spec.resourceAttributes!.subresource)
    return { ...review, status: { allowed } }
  })
  harness.client.seed(
    certificateSigningRequests,
    request({ signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: clientUsages }),
  )
  await harness.settle()
  assert.deepEqual(asked, ['selfnodeclient', 'nodeclient'])
  const the = () => harness.client.objects(certificateSigningRequests)[0]!
  assert.equal(the().status?.conditions, undefined)
  allowed = true
  await harness.advance(5000)
  assert.deepEqual(
    the().status!.conditions!.map(({ type, reason, message }) => [type, reason, message]),
    [['Approved', 'AutoApproved', 'Auto approving self kubelet client certificate after SubjectAccessReview.']],
  )
  await harness.stop()
})

test('what was approved is signed, with the names and usages that were asked for', async () => {
  const harness = startHarness({ controllers: [certificateSigner], options: { certificateSigner: signer } })
  harness.client.seed(
    certificateSigningRequests,
    request({
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'key encipherment', 'server auth'],
      hosts: ['n1', '10.0.0.1'],
      conditions: approved,
    }),
  )
  await harness.settle()
  const { certificate } = harness.client.objects(certificateSigningRequests)[0]!.status!
  const [block] = decodePem(Buffer.from(certificate!, 'base64').toString())
  const parsed = parseCertificate(block!.bytes)
  assert.ok(parsed.signedBy(authorityKey.publicKey))
  assert.deepEqual(parsed.subject, node)
  assert.deepEqual(parsed.alternativeNames.dnsNames, ['n1'])
  assert.deepEqual(parsed.alternativeNames.ipAddresses, ['10.0.0.1'])
  assert.deepEqual(parsed.keyUsage, ['digitalSignature', 'keyEncipherment'])
  assert.equal(parsed.isCa, false)
  assert.ok(parsed.publicKey.equals(createPublicKey(privateKey)))
  assert.equal(parsed.notAfter - parsed.notBefore, yearMs)
  await harness.stop()
})

test('what a signer does not sign has failed, and other signers are left alone', async () => {
  for (const [signerName, expected] of [
    ['kubernetes.io/kubelet-serving', 'DNS or IP subjectAltName is required'],
    ['kubernetes.io/kube-apiserver-client', 'invalid usage for client certificate: server auth'],
    ['example.com/mine', undefined],
  ] as const) {
    const harness = startHarness({ controllers: [certificateSigner], options: { certificateSigner: signer } })
    const usages = ['digital signature', 'server auth']
    harness.client.seed(certificateSigningRequests, request({ signerName, usages, conditions: approved }))
    await harness.settle()
    const { status } = harness.client.objects(certificateSigningRequests)[0]!
    assert.equal(status!.certificate, undefined)
    assert.equal(status!.conditions!.find(({ type }) => type === 'Failed')?.message, expected)
    await harness.stop()
  }
})

test('nobody lives longer than the signer allows, or shorter than ten minutes', () => {
  assert.equal(lifetimeMs(undefined, yearMs), yearMs)
  assert.equal(lifetimeMs(3600, yearMs), 3_600_000)
  assert.equal(lifetimeMs(60, yearMs), 600_000)
  assert.equal(lifetimeMs(2 * 365 * 24 * 3600, yearMs), yearMs)
})

test('requests are deleted when nobody needs them any more', async () => {
  const harness = startHarness({ controllers: [certificateCleaner] })
  const now = new Date(harness.clock.now()).toISOString()
  const conditions = [{ type: 'Denied', status: 'True', lastUpdateTime: now }]
  const usages = clientUsages
  harness.client.seed(certificateSigningRequests, request({ signerName: 'a/b', usages, conditions }))
  await harness.advance(3_500_000)
  assert.equal(harness.client.objects(certificateSigningRequests).length, 1)
  await harness.advance(200_000)
  assert.equal(harness.client.objects(certificateSigningRequests).length, 0)
  await harness.stop()
})
