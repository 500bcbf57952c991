import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyedProvider } from './provider.ts'

const blockBytes = 16

/** The provider aescbc: an initialization vector, then AES-CBC with PKCS#7 padding. It does not authenticate. */
export function aesCbc(name: string, key: Uint8Array): KeyedProvider {
  const algorithm = `aes-${key.length * 8}-cbc`
  return {
    prefix: `k8s:enc:aescbc:v1:${name}:`,
    seal(_, plain) {
      const vector = randomBytes(blockBytes)
      const cipher = createCipheriv(algorithm, key, vector)
      return Buffer.concat([vector, cipher.update(plain), cipher.final()])
    },
    open(_, sealed) {
      if (sealed.length < blockBytes) throw new Error('the stored data was shorter than the required size')
      if (sealed.length % blockBytes !== 0) throw new Error('the stored data is not a multiple of the block size')
      const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, blockBytes))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(blockBytes)), decipher.final()])
      } catch (error) {
        throw new Error('invalid padding on input', { cause: error })
      }
    },
  }
}
