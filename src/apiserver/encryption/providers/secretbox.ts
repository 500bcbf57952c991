import { randomBytes, timingSafeEqual } from 'node:crypto'
import { poly1305 } from './poly1305.ts'
import type { KeyedProvider } from './provider.ts'
import { xsalsa20 } from './salsa20.ts'

const nonceBytes = 24
const tagBytes = 16
/** The start of the stream is the authenticator's key. */
const macKeyBytes = 32

/** The provider secretbox: nonce, tag, ciphertext by XSalsa20 and Poly1305, as NaCl has it. Not bound to the store's key. */
export function secretbox(name: string, key: Uint8Array): KeyedProvider {
  const secret = Buffer.from(key)
  return {
    prefix: `k8s:enc:secretbox:v1:${name}:`,
    seal(_, plain) {
      const nonce = randomBytes(nonceBytes)
      const stream = xsalsa20(secret, nonce, macKeyBytes + plain.byteLength)
      const sealed = exclusiveOr(plain, stream.subarray(macKeyBytes))
      return Buffer.concat([nonce, poly1305(stream.subarray(0, macKeyBytes), sealed), sealed])
    },
    open(_, value) {
      if (value.length < nonceBytes + tagBytes) throw new Error('the stored data was shorter than the required size')
      const sealed = value.subarray(nonceBytes + tagBytes)
      const stream = xsalsa20(secret, value.subarray(0, nonceBytes), macKeyBytes + sealed.length)
      const tag = value.subarray(nonceBytes, nonceBytes + tagBytes)
      if (!timingSafeEqual(tag, poly1305(stream.subarray(0, macKeyBytes), sealed)))
        throw new Error('output array was not large enough for encryption')
      return exclusiveOr(sealed, stream.subarray(macKeyBytes))
    },
  }
}

function exclusiveOr(bytes: Uint8Array, stream: Buffer): Buffer {
  const out = Buffer.alloc(bytes.byteLength)
  for (let at = 0; at < out.length; at++) out[at] = bytes[at]! ^ stream[at]!
  return out
}
