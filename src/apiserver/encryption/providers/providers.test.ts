import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { aesCbc } from './aes-cbc.ts'
import { aesGcm } from './aes-gcm.ts'
import { identity } from './identity.ts'
import { poly1305 } from './poly1305.ts'
import type { KeyedProvider } from './provider.ts'
import { xsalsa20 } from './salsa20.ts'
import { secretbox } from './secretbox.ts'

const at = '/registry/secrets/default/one'
const providers: readonly KeyedProvider[] = [
  aesGcm('a', randomBytes(32)),
  aesGcm('b', randomBytes(16)),
  aesCbc('c', randomBytes(24)),
  secretbox('d', randomBytes(32)),
]
const hex = (text: string) => Buffer.from(text, 'hex')

for (const provider of providers) {
  test(`${provider.prefix} gives every value back, and never the same form twice`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string(), async (value, key) => {
        const sealed = provider.seal(key, value)
        assert.deepEqual([...(await provider.open(key, sealed))], [...value])
        assert.notDeepEqual(provider.seal(key, value), sealed)
        if (value.length > 8) assert.equal(sealed.indexOf(Buffer.from(value)), -1)
      }),
      { numRuns: 30 },
    )
  })
}

test('what was changed, cut off or sealed by another key is refused', () => {
  for (const provider of providers) {
    const sealed = provider.seal(at, Buffer.from('{"kind":"Secret"}'))
    assert.throws(() => provider.open(at, sealed.subarray(0, 10)), /shorter than the required size/)
    if (provider.prefix.includes('aescbc')) continue
    sealed[sealed.length - 1]! ^= 1
    assert.throws(() => provider.open(at, sealed), /authentication failed|output array was not large enough/)
  }
  const gcm = providers[0]!
  assert.throws(() => gcm.open('/registry/secrets/other/one', gcm.seal(at, Buffer.of(1))), /authentication failed/)
  assert.throws(
    () => aesCbc('x', randomBytes(32)).open(at, randomBytes(33)),
    /the stored data is not a multiple of the block size/,
  )
})

test('identity reads what lies in clear, and nothing else', () => {
  assert.equal(String(identity.open(at, Buffer.from('{}'))), '{}')
  assert.throws(() => identity.open(at, Buffer.from('k8s:enc:x')), /identity transformer tried to read encrypted data/)
})

test('XSalsa20 and Poly1305 are those of NaCl and RFC 8439', () => {
  const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
  const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
  assert.equal(
    xsalsa20(key, nonce, 32).toString('hex'),
    'eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880',
  )
  const macKey = hex('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b')
  const message = Buffer.from('Cryptographic Forum Research Group')
  assert.equal(poly1305(macKey, message).toString('hex'), 'a8061dc1305136c6c22b8baf0c0127a9')
})

test('secretbox opens what NaCl sealed', () => {
  const sealed = hex(
    '8442bc313f4626f1359e3b50122b6ce6fe66ddfe7d39d14e637eb4fd5b45beadab55198df6ab5368439792a23c87db70acb6156dc5ef957ac04f6276cf6093b84be77ff0849cc33e34b7254d5a8f65ad',
  )
  const box = secretbox('n', Buffer.alloc(32, 1))
  assert.deepEqual(box.open(at, Buffer.concat([Buffer.alloc(24, 2), sealed])), Buffer.alloc(64, 3))
})
