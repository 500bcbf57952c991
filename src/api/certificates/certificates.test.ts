import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { formatTime } from '../../machinery/clock.ts'
import { createCertificate } from '../../machinery/x509/certificate.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { faultsOf, faultsOfChange, faultsOfUpdate, made, merged, type Loose } from '../rules.fixture.ts'
import { certificateSigningRequests as requests } from './v1/certificate-signing-request.ts'
import { podCertificateRequests as podRequests } from './v1/pod-certificate-request.ts'
import { defaultFeatureGates } from '../features/feature-gates.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const der = createCertificateRequest({ subject: { commonName: 'ann' }, privateKey })
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')
const metadata = { name: 'A:1' }
const request = {
  metadata,
  spec: { request: base64(encodePem('CERTIFICATE REQUEST', der)), signerName: 'a.b/c', usages: ['client auth'] },
}
const csr = requests as never

test('a request that its asker signed is taken', () => {
  assert.deepEqual(faultsOf(csr, request), [])
})

const cases: readonly [change: Loose, ...faults: string[]][] = [
  [{ spec: { usages: undefined } }, 'spec.usages: Required value'],
  [{ spec: { usages: ['any', 'any'] } }, 'spec.usages[1]: Duplicate value: "any"'],
  [
    { spec: { expirationSeconds: 599 } },
    'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
  ],
  [
    { spec: { signerName: 'kubernetes.io/legacy-unknown' } },
    'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
  ],
  [{ spec: { request: 'AA==' } }, 'spec.request: Invalid value: "AA==": PEM block type must be CERTIFICATE REQUEST'],
]
test('a bad request is told why', () => {
  for (const [change, ...faults] of cases) assert.deepEqual(faultsOf(csr, merged(request, change)), faults)
})

test('a request that somebody else signed is refused', () => {
  const forged = Buffer.from(der)
  forged[forged.length - 1]! ^= 1
  const text = base64(encodePem('CERTIFICATE REQUEST', forged))
  const [fault = ''] = faultsOf(csr, merged(request, { spec: { request: text } }))
  assert.match(fault, /ECDSA verification failure$/)
})

const approved = { type: 'Approved', status: 'True' }
const denied = { type: 'Denied', status: 'True' }

test('only the approval door decides, and decisions stay', () => {
  const decided = { status: { conditions: [approved] } }
  assert.deepEqual(faultsOfChange(csr, request, decided, 'approval'), [])
  assert.deepEqual(faultsOfChange(csr, request, decided, 'status'), [
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ])
  const old = merged(made(csr, request) as unknown as Loose, decided)
  const asApproval = {
    now: 0,
    requestUser: { name: 'x', groups: [] } as never,
    subresource: 'approval',
    enabled: defaultFeatureGates.enabled,
  }
  assert.deepEqual(faultsOfUpdate(csr, old, merged(old, { status: { conditions: [] } }), asApproval), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ])
  assert.deepEqual(faultsOfUpdate(csr, old, merged(old, { status: { conditions: [approved, denied] } }), asApproval), [
    'status.conditions: Invalid value: "{conditions[{\\"type\\": \\"Approved\\"}], conditions[{\\"type\\": \\"Denied\\"}]}": must specify at most one of: `conditions[{"type": "Approved"}]`, `conditions[{"type": "Denied"}]`',
  ])
})

test('conditions that decide are true', () => {
  const change = { status: { conditions: [{ type: 'Approved', status: 'False' }, { status: 'x' }] } }
  assert.deepEqual(faultsOfChange(csr, request, change, 'approval'), [
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    'status.conditions[1].type: Required value',
    'status.conditions[1].status: Unsupported value: "x": supported values: "False", "True", "Unknown"',
  ])
})

test('a certificate is a certificate, and is set once', () => {
  const change = { status: { certificate: base64(encodePem('PRIVATE KEY', Buffer.from('a'))) } }
  assert.deepEqual(faultsOfChange(csr, request, change, 'status'), [
    'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
  ])
})

const podRequest = {
  metadata: { name: 'r', namespace: 'n' },
  spec: {
    signerName: 'a.b/c',
    podName: 'p',
    podUID: '1',
    serviceAccountName: 's',
    serviceAccountUID: '2',
    nodeName: 'n',
    nodeUID: '3',
    maxExpirationSeconds: 7200,
    stubPKCS10Request: base64(der),
  },
}
const pod = podRequests as never

test('a request for a pod is told what is wrong with it', () => {
  assert.deepEqual(faultsOf(pod, podRequest), [])
  const change = { podUID: '', maxExpirationSeconds: 60, stubPKCS10Request: '' }
  assert.deepEqual(faultsOf(pod, merged(podRequest, { spec: change })), [
    'spec.podUID: Invalid value: "": must not be empty',
    'spec.maxExpirationSeconds: Invalid value: 60: must be in the range [3600, 7862400]',
    'spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set',
  ])
  const { privateKey: short } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const weak = createCertificateRequest({ subject: { commonName: 'x' }, privateKey: short })
  assert.deepEqual(faultsOf(pod, merged(podRequest, { spec: { stubPKCS10Request: base64(weak) } })), [
    'spec.stubPKCS10Request: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096',
  ])
})

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
function issued(key: KeyObject, change: Loose = {}): Loose {
  const [notBefore, notAfter] = [now, now + 7200_000]
  const subject = { commonName: 'x' }
  const certificate = createCertificate(
    { subject, publicKey: key, notBefore, notAfter, keyUsage: [] },
    { subject, publicKey, privateKey },
  )
  return {
    status: {
      conditions: [
        { type: 'Issued', status: 'True', reason: 'Done', message: '', lastTransitionTime: formatTime(now) },
      ],
      certificateChain: encodePem('CERTIFICATE', certificate),
      notBefore: formatTime(notBefore),
      notAfter: formatTime(notAfter),
      beginRefreshAt: formatTime(now + 3600_000),
      ...change,
    },
  }
}

test('a signer hands out a certificate for the key that was shown', () => {
  assert.deepEqual(faultsOfChange(pod, podRequest, issued(publicKey), 'status'), [])
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const [fault = ''] = faultsOfChange(pod, podRequest, issued(other), 'status')
  assert.match(fault, /leaf certificate was not issued to the requested public key$/)
  const late = issued(publicKey, { beginRefreshAt: formatTime(now + 7200_000) })
  assert.deepEqual(faultsOfChange(pod, podRequest, late, 'status'), [
    'status.beginRefreshAt: Invalid value: "2026-01-02T05:04:05Z": must be at least 10 minutes before status.notAfter',
  ])
})

test('only an outcome changes the status of a request for a pod', () => {
  assert.deepEqual(faultsOfChange(pod, podRequest, { status: { certificateChain: 'a' } }, 'status'), [
    'status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
  ])
  assert.deepEqual(
    faultsOfChange(pod, podRequest, { spec: { podName: 'q' } })[0]?.slice(0, 40),
    'spec: Invalid value: {"SignerName":"a.b/',
  )
})
