import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { alternativeNamesOf, noAlternativeNames } from '../../machinery/x509/alternative-names.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../machinery/x509/pem.ts'
import { startHarness } from '../runtime/harness.ts'
import { kubeletServingApprover, servingProblem } from './serving-approver.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const servingHosts = (node: string) => (node === 'n1' ? ['n1', '10.0.0.1'] : undefined)

interface Wish {
  readonly hosts?: readonly string[]
  readonly uris?: readonly string[]
  readonly emailAddresses?: readonly string[]
  readonly commonName?: string
  readonly organizations?: readonly string[]
  readonly usages?: readonly string[]
  readonly username?: string
  readonly groups?: readonly string[]
  readonly signerName?: string
  readonly request?: string
}

function csr(wish: Wish = {}): CertificateSigningRequest {
  const { hosts = ['n1', '10.0.0.1'], commonName = 'system:node:n1', organizations = ['system:nodes'] } = wish
  const { uris = [], emailAddresses = [] } = wish
  const alternativeNames = { ...noAlternativeNames, ...alternativeNamesOf(hosts), uris, emailAddresses }
  const request = createCertificateRequest({ subject: { commonName, organizations }, privateKey, alternativeNames })
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
    spec: {
      request: wish.request ?? Buffer.from(encodePem('CERTIFICATE REQUEST', request)).toString('base64'),
      signerName: wish.signerName ?? 'kubernetes.io/kubelet-serving',
      usages: wish.usages ?? ['digital signature', 'server auth'],
      username: wish.username ?? 'system:node:n1',
      groups: wish.groups ?? ['system:nodes', 'system:authenticated'],
    },
    status: {},
  } as unknown as CertificateSigningRequest
}

const refused: readonly (readonly [string, Wish, string])[] = [
  [
    'the API server itself',
    { hosts: ['n1', 'kubernetes.default.svc'] },
    'kubernetes.default.svc is not an address of the node',
  ],
  ['the address of another node', { hosts: ['n1', '10.0.0.2'] }, '10.0.0.2 is not an address of the node'],
  ['nobody', { hosts: [] }, 'DNS or IP subjectAltName is required'],
  ['a URI', { uris: ['spiffe://n1'] }, 'URI subjectAltNames are not allowed'],
  ['a mailbox', { emailAddresses: ['a@b'] }, 'Email subjectAltNames are not allowed'],
  ['another node', { commonName: 'system:node:n2' }, 'system:node:n1 asks for system:node:n2'],
  [
    'a node that was not made here',
    { commonName: 'system:node:n2', username: 'system:node:n2', hosts: ['n2'] },
    'the node is none of the machines of this cluster',
  ],
  ['no node', { commonName: 'admin', username: 'admin' }, 'subject common name does not begin with system:node:'],
  ['another organization', { organizations: ['system:masters'] }, 'subject organization is not system:nodes'],
  ['a user who is no node', { groups: ['system:authenticated'] }, 'system:node:n1 is not in the group system:nodes'],
  [
    'a client as well',
    { usages: ['digital signature', 'server auth', 'client auth'] },
    'usages did not match [digital signature key encipherment server auth]',
  ],
  ['garbage', { request: Buffer.from('x').toString('base64') }, 'PEM block type must be CERTIFICATE REQUEST'],
]

test('a serving certificate is approved for what the node was given, and for nothing else', () => {
  assert.equal(servingProblem(csr(), servingHosts), undefined)
  assert.equal(servingProblem(csr({ hosts: ['10.0.0.1'] }), servingHosts), undefined)
  assert.equal(
    servingProblem(csr({ usages: ['digital signature', 'key encipherment', 'server auth'] }), servingHosts),
    undefined,
  )
  for (const [what, wish, problem] of refused) assert.equal(servingProblem(csr(wish), servingHosts), problem, what)
})

test('what is not approved is left to people', async () => {
  for (const [wish, approved] of [
    [{}, true],
    [{ hosts: ['kubernetes'] }, false],
    [{ signerName: 'example.com/mine' }, false],
  ] as const) {
    const harness = startHarness({ controllers: [kubeletServingApprover], options: { servingHosts } })
    harness.client.seed(certificateSigningRequests, csr(wish) as unknown as KubeObject)
    await harness.settle()
    const conditions =
      harness.client.objects<CertificateSigningRequest>(certificateSigningRequests)[0]!.status!.conditions
    assert.deepEqual(
      conditions?.map(({ type, reason }) => [type, reason]),
      approved ? [['Approved', 'AutoApproved']] : undefined,
    )
    await harness.stop()
  }
})

test('a cluster that made no machines approves none', () => {
  assert.equal(kubeletServingApprover.enabled?.({}), false)
})
