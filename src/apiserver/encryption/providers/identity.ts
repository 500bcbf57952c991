import { type EncryptionProvider, isSealed } from './provider.ts'

/** The provider identity: values lie in clear. */
export const identity: EncryptionProvider = {
  prefix: '',
  seal: (_, plain) => Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength),
  open(_, value) {
    if (isSealed(value)) throw new Error('identity transformer tried to read encrypted data')
    return value
  },
}
