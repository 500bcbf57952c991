import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type { CertificateSigningRequest, NodeAddress } from '../../api/types.generated.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { seededRandom } from '../../machinery/random.ts'
import { createCertificate } from '../../machinery/x509/certificate.ts'
import { parseCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { createKubeletCertificates } from './kubelet-certificates.ts'
import { fileCertificateStore } from './certificate-store.ts'
import { rotationDeadline, satisfies } from './rotation.ts'

const hourMs = 3_600_000
const internal = (address: string): NodeAddress => ({ type: 'InternalIP', address })

const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A kubelet n1 with its two managers, over a fake API whose signer answers when told. */
function setup(
  t: TestContext,
  options: { folder?: string; clock?: VirtualClock; lifetimeMs?: number; authority?: typeof authority } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'skiff-kubelet-certificates-'))
  if (options.folder === undefined) t.after(() => rmSync(folder, { recursive: true }))
  const clock = options.clock ?? new VirtualClock()
  const { publicKey, privateKey } = options.authority ?? authority
  const issuer = { subject: { commonName: 'ca' }, publicKey, privateKey }
  const client = fakeClient({ clock })
  const askedBy: string[] = []
  const addresses: NodeAddress[] = [internal('10.0.0.1'), { type: 'Hostname', address: 'n1' }]
  const as = (who: string) => {
    askedBy.push(who)
    return client
  }
  const certificates = createKubeletCertificates({
    nodeName: 'n1',
    folder,
    authority: encodePem(
      'CERTIFICATE',
      createCertificate(
        { ...issuer, notBefore: 0, notAfter: Date.UTC(2100, 0), keyUsage: ['certSign'], isCa: true },
        issuer,
      ),
    ),
    bootstrapClient: () => as('bootstrap'),
    nodeClient: () => as('node'),
    addresses: () => addresses,
    clock,
    random: seededRandom(1),
    log: silentLogger,
  })
  const requests = () => client.objects<CertificateSigningRequest>(certificateSigningRequests)
  const requestOf = ({ spec }: CertificateSigningRequest) =>
    parseCertificateRequest(decodePem(Buffer.from(spec.request, 'base64').toString())[0]!.bytes)
  const settle = async () => {
    for (let round = 0; round < 10; round++) await clock.advance(0)
  }
  return {
    certificates,
    folder,
    clock,
    api: client,
    addresses,
    askedBy,
    requests,
    requestOf,
    settle,
    /** Decides about each request that waits. */
    async answer(how: 'sign' | 'deny' = 'sign') {
      await settle()
      for (const csr of requests().filter(({ status }) => !status?.conditions?.length)) {
        const { subject, publicKey: key, alternativeNames } = requestOf(csr)
        const notBefore = clock.now() - 300_000
        const notAfter = clock.now() + (options.lifetimeMs ?? hourMs)
        const template = { subject, publicKey: key, alternativeNames, notBefore, notAfter, keyUsage: [] }
        const certificate = Buffer.from(encodePem('CERTIFICATE', createCertificate(template, issuer)))
        const type = how === 'sign' ? 'Approved' : 'Denied'
        const conditions = [{ type, status: 'True', reason: 'Test', message: 'as told' }]
        await client.update(certificateSigningRequests, {
          ...csr,
          status: { conditions, ...(how === 'sign' && { certificate: certificate.toString('base64') }) },
        })
      }
      await settle()
    },
  }
}

test('a node asks for its client certificate as a bootstrapper, and for all that follows as itself', async (t) => {
  const kubelet = setup(t)
  const { client } = kubelet.certificates
  client.start()
  await kubelet.settle()
  assert.equal(client.current(), undefined)
  const [csr] = kubelet.requests()
  assert.deepEqual(
    [csr!.spec.signerName, csr!.spec.usages, kubelet.requestOf(csr!).subject],
    [
      'kubernetes.io/kube-apiserver-client-kubelet',
      ['digital signature', 'client auth'],
      { commonName: 'system:node:n1', organizations: ['system:nodes'] },
    ],
  )
  await kubelet.answer()
  const { certificate, key } = await client.available()
  assert.ok(certificate.publicKey.equals(createPublicKey(key)))
  await kubelet.clock.advance(hourMs * 0.9)
  await kubelet.answer()
  assert.deepEqual(kubelet.askedBy, ['bootstrap', 'node'])
  assert.equal(kubelet.requests().length, 2)
  await client.stop()
})

test('each certificate is followed by another after 70 to 90 % of its life, with a new key, and all are told', async (t) => {
  const kubelet = setup(t)
  const { client } = kubelet.certificates
  const told: string[] = []
  client.subscribe(({ key }) => told.push(key))
  client.start()
  await kubelet.answer()
  for (let round = 1; round < 4; round++) {
    const { notBefore, notAfter } = client.current()!.certificate
    const at = (part: number) => notBefore + (notAfter - notBefore) * part - kubelet.clock.now()
    await kubelet.clock.advance(at(0.7) - 1)
    assert.equal(kubelet.requests().length, round)
    await kubelet.clock.advance(at(0.9) + 1)
    assert.equal(kubelet.requests().length, round + 1)
    // What is there serves until its successor is.
    assert.equal(client.current()!.certificate.notAfter, notAfter)
    await kubelet.answer()
    assert.ok(client.current()!.certificate.notAfter > notAfter)
  }
  assert.equal(new Set(told).size, 4)
  await client.stop()
})

test('the share of a life is drawn anew for each certificate, between 0.7 and 0.9', () => {
  const random = seededRandom(7)
  const certificate = { notBefore: 1000, notAfter: 2000 } as Parameters<typeof rotationDeadline>[0]
  const drawn = Array.from({ length: 1000 }, () => rotationDeadline(certificate, random))
  assert.ok(drawn.every((at) => at >= 1700 && at < 1900))
  assert.ok(Math.min(...drawn) < 1705 && Math.max(...drawn) > 1895)
})

test('a request that is refused or forgotten is made again, more and more seldom', async (t) => {
  const kubelet = setup(t)
  const { client } = kubelet.certificates
  client.start()
  await kubelet.answer('deny')
  const times: number[] = []
  for (let made = kubelet.requests().length, from = kubelet.clock.now(); times.length < 7; ) {
    await kubelet.clock.advance(100)
    if (kubelet.requests().length === made) continue
    made = kubelet.requests().length
    times.push(Math.round((kubelet.clock.now() - from) / 1000))
    from = kubelet.clock.now()
    await kubelet.answer('deny')
  }
  assert.deepEqual(times, [2, 4, 9, 18, 32, 32, 32])
  // Nobody answers the next.
  const waiting = kubelet.requests().length
  await kubelet.clock.advance(32_000 + 15 * 60_000 + 32_000)
  assert.equal(kubelet.requests().length, waiting + 2)
  await client.stop()
})

test('a serving certificate names what the node is called, and another is asked for when that grows', async (t) => {
  const kubelet = setup(t)
  const { serving } = kubelet.certificates
  const addresses = kubelet.addresses.splice(0)
  serving.start()
  await kubelet.settle()
  assert.equal(kubelet.requests().length, 0)
  kubelet.addresses.push(...addresses)
  serving.recheck()
  await kubelet.settle()
  const named = () => kubelet.requestOf(kubelet.requests().at(-1)!).alternativeNames
  assert.deepEqual([named().dnsNames, named().ipAddresses], [['n1'], ['10.0.0.1']])
  // Before it is answered there is one more.
  kubelet.addresses.push(internal('10.0.0.2'))
  serving.recheck()
  await kubelet.clock.advance(5_000)
  assert.deepEqual(named().ipAddresses, ['10.0.0.1', '10.0.0.2'])
  await kubelet.answer()
  assert.deepEqual(serving.current()!.certificate.alternativeNames.ipAddresses, ['10.0.0.1', '10.0.0.2'])
  const { length } = kubelet.requests()
  // Fewer names need no other certificate.
  kubelet.addresses.pop()
  serving.recheck()
  await kubelet.clock.advance(5_000)
  assert.equal(kubelet.requests().length, length)
  await serving.stop()
})

test('a certificate outlives the process, in a file that only its owner reads; one of another cluster does not', async (t) => {
  const first = setup(t)
  first.certificates.client.start()
  await first.answer()
  const { cert } = first.certificates.client.current()!
  await first.certificates.client.stop()
  assert.deepEqual(readdirSync(first.folder), ['kubelet-client-2026-01-01-00-00-00.pem', 'kubelet-client-current.pem'])
  assert.equal(statSync(join(first.folder, 'kubelet-client-current.pem')).mode & 0o777, 0o600)

  const second = setup(t, { folder: first.folder, clock: first.clock })
  second.certificates.client.start()
  assert.equal(second.certificates.client.current()!.cert, cert)
  await second.settle()
  assert.equal(second.requests().length, 0)
  await second.clock.advance(hourMs * 2)
  // It expired unanswered: who asks is no node any more.
  assert.equal(second.certificates.client.current(), undefined)
  await second.certificates.client.stop()
  const third = setup(t, { folder: first.folder, clock: first.clock })
  third.certificates.client.start()
  await third.answer()
  assert.deepEqual(third.askedBy, ['bootstrap'])
  assert.equal(readdirSync(first.folder).length, 2)
  await third.certificates.client.stop()

  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const fourth = setup(t, { folder: first.folder, clock: first.clock, authority: stranger })
  assert.equal(fourth.certificates.client.current(), undefined)
})

test('a file that is torn counts for nothing', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-kubelet-certificates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const store = fileCertificateStore({ folder, name: 'kubelet-client', clock: new VirtualClock() })
  assert.equal(store.load(), undefined)
  writeFileSync(join(folder, 'kubelet-client-current.pem'), '-----BEGIN CERTIFICATE-----\nAAAA')
  assert.equal(store.load(), undefined)
})

test('what was short-lived when it came is renewed again and again, but not all the time', async (t) => {
  const kubelet = setup(t, { lifetimeMs: 1_000 })
  const { client } = kubelet.certificates
  client.start()
  for (let second = 0; second < 10; second++) {
    await kubelet.answer()
    await kubelet.clock.advance(1_000)
  }
  assert.ok(kubelet.requests().length <= 11)
  await client.stop()
})

test('more names than are wished for satisfy, fewer or others do not', () => {
  const names = { dnsNames: ['a'], ipAddresses: ['10.0.0.1'], emailAddresses: [], uris: [] }
  const subject = { commonName: 'x', organizations: ['o'] }
  const certificate = { subject, alternativeNames: names } as unknown as Parameters<typeof satisfies>[0]
  assert.ok(satisfies(certificate, { subject, alternativeNames: { ...names, dnsNames: [] } }))
  assert.ok(!satisfies(certificate, { subject, alternativeNames: { ...names, dnsNames: ['b'] } }))
  assert.ok(!satisfies(certificate, { subject, alternativeNames: { ...names, ipAddresses: ['10.0.0.2'] } }))
  assert.ok(!satisfies(certificate, { subject: { ...subject, commonName: 'y' }, alternativeNames: names }))
  assert.ok(!satisfies(certificate, { subject: { ...subject, organizations: ['p'] }, alternativeNames: names }))
})
