import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { alternativeNamesOf } from '../../machinery/x509/alternative-names.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { loadAuthority, newKeyPair } from './authority.ts'
import { signCertificateRequest } from './request-signer.ts'

test('an approved request becomes a certificate of the same subject, names and key, with the approved usages', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-signer-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const clock = new VirtualClock()
  const authority = loadAuthority({ base: join(folder, 'ca'), commonName: 'kubernetes', clock })
  const { privateKey, publicKey } = newKeyPair()
  const request = createCertificateRequest({
    subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
    privateKey,
    alternativeNames: alternativeNamesOf(['n1', '10.0.0.1']),
  })
  const sign = (usages: readonly string[]) =>
    signCertificateRequest(authority, {
      requestPem: encodePem('CERTIFICATE REQUEST', request),
      usages,
      expirationSeconds: 3600,
    })
  const certificate = parseCertificate(
    decodePem(sign(['key encipherment', 'digital signature', 'server auth']))[0]!.bytes,
  )
  assert.ok(certificate.signedBy(authority.certificate.publicKey))
  assert.ok(certificate.publicKey.equals(publicKey))
  assert.deepEqual(certificate.subject, { commonName: 'system:node:n1', organizations: ['system:nodes'] })
  assert.deepEqual(certificate.alternativeNames.ipAddresses, ['10.0.0.1'])
  assert.deepEqual(certificate.keyUsage, ['digitalSignature', 'keyEncipherment'])
  assert.equal(certificate.notAfter, clock.now() + 3600_000)
  assert.equal(certificate.isCa, false)
  assert.throws(() => sign(['levitation']), /unrecognized usage values/)
})
