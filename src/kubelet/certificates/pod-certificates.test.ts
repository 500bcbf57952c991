import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { podCertificateRequests } from '../../api/certificates/v1/pod-certificate-request.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Pod } from '../../api/types.generated.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { seededRandom } from '../../machinery/random.ts'
import { parseCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { createPodCertificates } from './pod-certificates.ts'
import { createPodKey } from './pod-key.ts'

const wanted = { signerName: 'example.com/signer', keyType: 'ED25519', userAnnotations: { 'example.com/a': 'b' } }
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace: 'default', uid: 'pod-uid' },
  spec: { containers: [], serviceAccountName: 'account' },
  status: {},
}
const certificate = (bytes: string) => `-----BEGIN CERTIFICATE-----\n${bytes}\n-----END CERTIFICATE-----\n`

async function certificates(t: TestContext) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const client = fakeClient({ clock })
  const informers = createInformerFactory({ client, clock, random, log: silentLogger })
  t.after(() => informers.stop())
  await client.create(serviceAccounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'account', namespace: 'default' },
  })
  const answered: string[] = []
  const told: string[] = []
  const manager = createPodCertificates({
    client,
    informers,
    events: {
      event: (_about, _type, reason, message) => void told.push(`${reason}: ${message}`),
      flushed: async () => {},
      stop() {},
    },
    clock,
    random,
    log: silentLogger,
    nodeName: 'node',
    nodeUid: () => 'node-uid',
    onAnswer: (uid) => answered.push(uid),
  })
  return {
    clock,
    answered,
    told,
    requests: () => client.objects(podCertificateRequests),
    async credentials(keyType = 'ED25519') {
      const asked = manager.credentials(pod, 'volume', 0, { ...wanted, keyType })
      asked.catch(() => {})
      return asked
    },
    async answer(condition: { type: string; reason: string; message: string }, hours = 24) {
      const request = client.objects(podCertificateRequests).at(-1)!
      const at = (hour: number) => new Date(clock.now() + hour * 3_600_000).toISOString()
      const lastTransitionTime = at(0)
      await client.update(
        podCertificateRequests,
        {
          ...request,
          status: {
            conditions: [{ ...condition, status: 'True', lastTransitionTime }],
            certificateChain: `leaf\n${certificate('AAAA')}root\n${certificate('BBBB')}`,
            notBefore: at(0),
            beginRefreshAt: at(hours / 2),
            notAfter: at(hours),
          },
        },
        { subresource: 'status' },
      )
      await clock.advance(1)
    },
  }
}
const issued = { type: 'Issued', reason: 'Ok', message: 'here' }

test('a certificate is asked for once, and mounted with its key when it is issued', async (t) => {
  const { credentials, requests, answer, answered } = await certificates(t)
  await assert.rejects(credentials(), { message: 'credential bundle is not issued yet' })
  await assert.rejects(credentials(), { message: 'credential bundle is not issued yet' })
  assert.equal(requests().length, 1)
  const { metadata, spec } = requests()[0]!
  assert.match(metadata.name!, /^req-/)
  assert.deepEqual(metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid: 'pod-uid' }])
  const { stubPKCS10Request, serviceAccountUID, ...rest } = spec
  assert.ok(serviceAccountUID)
  assert.deepEqual(rest, {
    signerName: 'example.com/signer',
    podName: 'pod',
    podUID: 'pod-uid',
    serviceAccountName: 'account',
    nodeName: 'node',
    nodeUID: 'node-uid',
    unverifiedUserAnnotations: { 'example.com/a': 'b' },
  })
  assert.equal(parseCertificateRequest(Buffer.from(stubPKCS10Request, 'base64')).signatureValid, true)

  await answer(issued)
  assert.deepEqual(answered, ['pod-uid'])
  const { key, chain } = await credentials()
  assert.equal(createPrivateKey(key).asymmetricKeyType, 'ed25519')
  assert.equal(chain, certificate('AAAA') + certificate('BBBB'))
})

test('what a signer refuses is refused for good, and the pod hears of it', async (t) => {
  const { credentials, requests, answer, told } = await certificates(t)
  await assert.rejects(credentials())
  await answer({ type: 'Denied', reason: 'No', message: 'not you' })
  const refusal = { message: 'PodCertificateRequest was permanently denied: reason="No" message="not you"' }
  await assert.rejects(credentials(), refusal)
  await assert.rejects(credentials(), refusal)
  const { name } = requests()[0]!.metadata
  assert.deepEqual(told, [`Denied: PodCertificateRequest default/${name} was denied, reason="No", message="not you"`])
  assert.equal(requests().length, 1)
})

test('a certificate is renewed when it is time, and serves until its successor is there', async (t) => {
  const { clock, credentials, requests, answer, told } = await certificates(t)
  await assert.rejects(credentials())
  await answer(issued)
  const first = await credentials()
  await clock.advance(12.2 * 3_600_000)
  assert.equal(await credentials(), first)
  assert.equal(requests().length, 2)
  await answer(issued)
  const second = await credentials()
  assert.notEqual(second.key, first.key)
  await clock.advance(12.5 * 3_600_000)
  await credentials()
  await clock.advance(13 * 3_600_000)
  assert.equal(await credentials(), second)
  assert.deepEqual(told, [
    'CertificateOverdueForRefresh: PodCertificate refresh overdue',
    'CertificateExpired: PodCertificate expired',
  ])
})

test('every type of key proves itself', async () => {
  for (const keyType of ['RSA3072', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']) {
    const { pem, proof } = await createPodKey(keyType)
    assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/)
    assert.equal(parseCertificateRequest(proof).signatureValid, true, keyType)
  }
  await assert.rejects(createPodKey('DSA'), { message: 'while generating keypair: unknown key type "DSA"' })
})
