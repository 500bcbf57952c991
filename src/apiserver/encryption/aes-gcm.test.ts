import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAesGcmTransformer } from './aes-gcm.ts'

const transformer = createAesGcmTransformer(randomBytes(32))
const at = '/registry/secrets/default/one'

test('what is stored has upstream’s form and shows nothing of the value', () => {
  const stored = Buffer.from(transformer.toStore(at, Buffer.from('{"data":"hunter2"}')))
  assert.equal(stored.toString('latin1', 0, 23), 'k8s:enc:aesgcm:v1:key1:')
  assert.equal(stored.length, 23 + 12 + 18 + 16)
  assert.equal(stored.indexOf('hunter2'), -1)
})

test('every value comes back, and never twice in the same form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (value, key) => {
      const stored = transformer.toStore(key, value)
      assert.deepEqual([...transformer.fromStore(key, stored)], [...value])
      assert.notDeepEqual(transformer.toStore(key, value), stored)
    }),
    { numRuns: 50 },
  )
})

test('a value under another key, a changed one, and one of another server’s key are refused', () => {
  const stored = Buffer.from(transformer.toStore(at, Buffer.from('{}')))
  assert.throws(() => transformer.fromStore('/registry/secrets/other/one', stored), /cannot be decrypted/)
  stored[40]! ^= 1
  assert.throws(() => transformer.fromStore(at, stored), /cannot be decrypted/)
  assert.throws(() => transformer.fromStore(at, Buffer.from('k8s:enc:kms:v2:x:')), /does not have/)
})

test('a value from before encryption is read as it is', () => {
  assert.equal(Buffer.from(transformer.fromStore(at, Buffer.from('{"kind":"Secret"}'))).toString(), '{"kind":"Secret"}')
})
