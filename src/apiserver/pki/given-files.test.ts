import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { decodeJwt, jsonWebKey, signJwt } from '../tokens/jwt.ts'
import { authoritiesIn, givenServiceAccountKeys, givenServing } from './given-files.ts'
import { createPki } from './pki.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-given-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const pem = (key: KeyObject): string =>
  key.type === 'private'
    ? (key.export({ type: 'pkcs8', format: 'pem' }) as string)
    : (key.export({ type: 'spki', format: 'pem' }) as string)

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
}

for (const [alg, { privateKey, publicKey }] of Object.entries(pairs)) {
  test(`a key of ${alg} signs tokens that its public key verifies, and no other`, async () => {
    const { signing, verification } = givenServiceAccountKeys({
      signingKeyFile: file(`${alg}.key`, pem(privateKey)),
      keyFiles: [file(`${alg}.pub`, pem(publicKey))],
    })
    const jwt = decodeJwt(await signJwt({ sub: 'robot' }, signing))!
    assert.deepEqual(jwt.header, { alg, kid: verification[0]!.keyId })
    assert.ok(jwt.verify(verification[0]!.publicKey))
    for (const [other, pair] of Object.entries(pairs)) if (other !== alg) assert.ok(!jwt.verify(pair.publicKey), other)
    const members = alg === 'RS256' ? ['alg', 'n', 'e'] : ['crv', 'alg', 'x', 'y']
    assert.deepEqual(Object.keys(jsonWebKey(verification[0]!)), ['use', 'kty', 'kid', ...members])
  })
}

test('tokens are verified by the public halves of keys and of certificates, in the order of the files', () => {
  const pki = createPki({ folder: join(folder, 'pki'), clock: new VirtualClock() })
  const { verification } = givenServiceAccountKeys({
    signingKeyFile: file('signing.key', pem(pairs.ES256.privateKey)),
    keyFiles: [
      file('old.key', pem(pairs.RS256.privateKey)),
      pki.clusterAuthority.certificateFile,
      file('two.pub', pem(pairs.ES256.publicKey) + pem(pairs.ES384.publicKey)),
    ],
  })
  assert.deepEqual(
    verification.map(({ publicKey }) => publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType),
    ['rsa', 'prime256v1', 'prime256v1', 'secp384r1'],
  )
})

test('a file that does not hold what it should is named', () => {
  const pki = createPki({ folder: join(folder, 'pki'), clock: new VirtualClock() })
  const { certificateFile, privateKeyFile } = pki.apiServer(['localhost'])
  assert.equal(givenServing({ certificateFile, privateKeyFile }).notAfter, pki.apiServer(['localhost']).notAfter)
  const wrong = file('wrong', 'nothing')
  const foreign = file('foreign.key', pem(pairs.ES256.privateKey))
  const edwards = file('ed.key', pem(generateKeyPairSync('ed25519').privateKey))
  const cases: [() => unknown, RegExp][] = [
    [
      () => givenServing({ certificateFile, privateKeyFile: foreign }),
      /foreign\.key is not the key of the certificate/,
    ],
    [() => givenServing({ certificateFile: wrong, privateKeyFile }), /wrong holds no certificate/],
    [() => givenServing({ certificateFile, privateKeyFile: wrong }), /wrong does not hold a private key/],
    [() => authoritiesIn(join(folder, 'absent')), /absent cannot be read: ENOENT/],
    [() => givenServiceAccountKeys({ signingKeyFile: edwards, keyFiles: [] }), /neither an RSA nor an ECDSA key/],
    [() => givenServiceAccountKeys({ signingKeyFile: foreign, keyFiles: [wrong] }), /neither an RSA nor an ECDSA key/],
  ]
  for (const [make, message] of cases) assert.throws(make, message)
})
