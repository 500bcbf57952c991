import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { alternativeNamesOf } from './alternative-names.ts'
import { createCertificate, extendedKeyUsages, parseCertificate } from './certificate.ts'
import { createCertificateRequest, parseCertificateRequest } from './certificate-request.ts'
import { der, parseDer, readOid, readTime } from './der.ts'
import { decodePem, encodePem } from './pem.ts'

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const from = Date.UTC(2026, 0, 1)
const to = Date.UTC(2056, 0, 1)

function authority() {
  const keys = pair()
  const subject = { commonName: 'kubernetes' }
  const template = {
    subject,
    publicKey: keys.publicKey,
    notBefore: from,
    notAfter: to,
    keyUsage: ['digitalSignature', 'keyEncipherment', 'certSign'],
    isCa: true,
  } as const
  return { ...keys, subject, raw: createCertificate(template, { subject, ...keys }) }
}

test('a certificate that is written here is read and verified by OpenSSL', () => {
  const ca = authority()
  const keys = pair()
  const raw = createCertificate(
    {
      subject: { commonName: 'kube-apiserver', organizations: ['b', 'a', 'système'] },
      publicKey: keys.publicKey,
      notBefore: from,
      notAfter: to,
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
      alternativeNames: alternativeNamesOf(['localhost', '127.0.0.1', '::1', 'fd00::12', 'kubernetes.default.svc']),
    },
    ca,
  )
  const root = new X509Certificate(ca.raw)
  const leaf = new X509Certificate(raw)
  assert.equal(root.ca, true)
  assert.equal(root.verify(ca.publicKey), true)
  assert.equal(leaf.checkIssued(root), true)
  assert.equal(leaf.verify(ca.publicKey), true)
  assert.equal(leaf.checkPrivateKey(keys.privateKey), true)
  assert.equal(leaf.checkHost('localhost'), 'localhost')
  assert.equal(leaf.checkIP('fd00::12'), 'fd00::12')
  assert.equal(leaf.validToDate.getTime(), to)
  assert.match(leaf.subject, /O=système/)
})

test('a certificate that asks for no use of its key says nothing of it', () => {
  const keys = pair()
  const subject = { commonName: 'jane' }
  const use = { keyUsage: [], extendedKeyUsage: ['clientAuth'] } as const
  const raw = createCertificate(
    { subject, publicKey: keys.publicKey, notBefore: from, notAfter: to, ...use },
    authority(),
  )
  assert.deepEqual(parseCertificate(raw).keyUsage, [])
  // An extension without any bit is refused by OpenSSL, and so by curl (RFC 5280, 4.2.1.3).
  assert.equal(raw.indexOf(der.oid('2.5.29.15')), -1)
})

test('reading gives back what was written', () => {
  const ca = authority()
  const keys = pair()
  const alternativeNames = {
    dnsNames: ['a.example'],
    ipAddresses: ['10.0.0.1', 'fd00::1'],
    emailAddresses: ['a@example'],
    uris: ['spiffe://a/b'],
  }
  const raw = createCertificate(
    {
      subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
      publicKey: keys.publicKey,
      notBefore: from,
      notAfter: to,
      keyUsage: ['digitalSignature', 'decipherOnly'],
      extendedKeyUsage: ['clientAuth'],
      alternativeNames,
    },
    ca,
  )
  const read = parseCertificate(raw)
  assert.deepEqual(read.subject, { commonName: 'system:node:n1', organizations: ['system:nodes'] })
  assert.deepEqual(read.issuer.commonName, 'kubernetes')
  assert.deepEqual([read.notBefore, read.notAfter, read.isCa], [from, to, false])
  assert.deepEqual(read.keyUsage, ['digitalSignature', 'decipherOnly'])
  assert.deepEqual(read.extendedKeyUsage, [extendedKeyUsages.clientAuth])
  assert.deepEqual(read.alternativeNames, alternativeNames)
  assert.equal(read.signedBy(ca.publicKey), true)
  assert.equal(read.signedBy(keys.publicKey), false)
  assert.equal(parseCertificate(ca.raw).isCa, true)
})

test('a request carries its names and proves its key, for elliptic curves, RSA and Ed25519', () => {
  for (const keys of [pair(), generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ed25519')]) {
    const raw = createCertificateRequest({
      subject: { commonName: 'system:node:a', organizations: ['system:nodes'] },
      privateKey: keys.privateKey,
      alternativeNames: alternativeNamesOf(['a', '10.1.2.3']),
    })
    const request = parseCertificateRequest(raw)
    assert.equal(request.signatureValid, true)
    assert.deepEqual(request.subject, { commonName: 'system:node:a', organizations: ['system:nodes'] })
    assert.deepEqual(request.alternativeNames.dnsNames, ['a'])
    assert.deepEqual(request.alternativeNames.ipAddresses, ['10.1.2.3'])
    assert.ok(request.publicKey.equals(createPublicKey(keys.privateKey)))
    const forged = Buffer.from(raw)
    const at = forged.indexOf('system:node:a')
    forged.write('system:node:b', at)
    assert.equal(parseCertificateRequest(forged).signatureValid, false)
  }
})

test('PEM survives a round trip, several blocks and text around them', () => {
  const bytes = Buffer.from('some bytes that need more than one line of base64 to be written down in full')
  const text = `comment\n${encodePem('CERTIFICATE', bytes)}\nbetween\n${encodePem('EC PRIVATE KEY', bytes)}`
  assert.deepEqual(decodePem(text), [
    { type: 'CERTIFICATE', headers: false, bytes },
    { type: 'EC PRIVATE KEY', headers: false, bytes },
  ])
  assert.deepEqual(decodePem('nothing here'), [])
})

test('security.md, parser bombs: arbitrary and damaged bytes are refused by an error, never by a crash or a hang', () => {
  const valid = authority().raw
  const reads = (bytes: Uint8Array) => {
    try {
      parseCertificate(bytes)
    } catch (error) {
      assert.ok(error instanceof Error)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), reads), { numRuns: 200 })
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(valid)
      damaged[at] = byte
      reads(damaged)
    }),
    { numRuns: 200 },
  )
})

test('object identifiers, integers and times round-trip', () => {
  assert.equal(readOid(parseDer(der.oid('1.3.6.1.4.1.57683.2'))), '1.3.6.1.4.1.57683.2')
  assert.equal(readOid(parseDer(der.oid('2.999.3'))), '2.999.3')
  assert.deepEqual([...der.integer(128)], [2, 2, 0, 128])
  assert.deepEqual([...der.integer(0)], [2, 1, 0])
  assert.equal(readTime(parseDer(der.time(from))), from)
  assert.equal(readTime(parseDer(der.time(to))), to)
})
