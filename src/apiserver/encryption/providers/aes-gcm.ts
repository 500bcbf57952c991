import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyedProvider } from './provider.ts'

const nonceBytes = 12
const tagBytes = 16

/** Nonce, ciphertext and tag, bound to `context`: AES-GCM as upstream lays it out (apiserver pkg/storage/value/encrypt/aes). */
export function sealGcm(key: Uint8Array, context: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithmOf(key), key, nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Throws when key, context or value differ from what was sealed. */
export function openGcm(key: Uint8Array, context: string, sealed: Buffer): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('the stored data was shorter than the required size')
  const decipher = createDecipheriv(algorithmOf(key), key, sealed.subarray(0, nonceBytes))
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
  } catch (error) {
    throw new Error('cipher: message authentication failed', { cause: error })
  }
}

function algorithmOf(key: Uint8Array): 'aes-256-gcm' {
  return `aes-${key.length * 8}-gcm` as 'aes-256-gcm'
}

/** The provider aesgcm. A key must be changed before it sealed 2^32 values (NIST SP 800-38D). */
export function aesGcm(name: string, key: Uint8Array): KeyedProvider {
  return {
    prefix: `k8s:enc:aesgcm:v1:${name}:`,
    seal: (storeKey, plain) => sealGcm(key, storeKey, plain),
    open: (storeKey, sealed) => openGcm(key, storeKey, sealed),
  }
}
