import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { ValueTransformer } from '../registry/value-transformer.ts'

const prefix = Buffer.from('k8s:enc:aesgcm:v1:key1:')
const anyPrefix = Buffer.from('k8s:enc:')
const nonceBytes = 12
const tagBytes = 16

/**
 * Encryption at rest in the form of upstream's aesgcm provider (apiserver pkg/storage/value/encrypt/aes): prefix, nonce,
 * ciphertext, tag; the key in the store is authenticated, so that values cannot be swapped. A real kube-apiserver
 * with the same key, named `key1`, reads it. Values that lie in clear (from before) are read and encrypted at their
 * next write.
 */
export function createAesGcmTransformer(key: Uint8Array): ValueTransformer {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32) throw new Error('an AES key has 16, 24 or 32 bytes')
  const algorithm = `aes-${key.length * 8}-gcm` as 'aes-256-gcm'
  return {
    toStore(storeKey, value) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(storeKey))
      const encrypted = cipher.update(value)
      return Buffer.concat([prefix, nonce, encrypted, cipher.final(), cipher.getAuthTag()])
    },
    fromStore(storeKey, value) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      if (!bytes.subarray(0, prefix.length).equals(prefix)) {
        if (!bytes.subarray(0, anyPrefix.length).equals(anyPrefix)) return value
        throw new Error(`${storeKey} is encrypted with a key that this server does not have`)
      }
      const nonce = bytes.subarray(prefix.length, prefix.length + nonceBytes)
      const encrypted = bytes.subarray(prefix.length + nonceBytes, -tagBytes)
      const decipher = createDecipheriv(algorithm, key, nonce)
        .setAAD(Buffer.from(storeKey))
        .setAuthTag(bytes.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(encrypted), decipher.final()])
      } catch (error) {
        throw new Error(`${storeKey} cannot be decrypted: its key or its value is not what was written`, {
          cause: error,
        })
      }
    },
  }
}
