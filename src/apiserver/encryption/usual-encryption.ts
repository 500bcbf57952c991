import type { Encryption } from './encryption.ts'
import { aesGcm } from './providers/aes-gcm.ts'
import { identity } from './providers/identity.ts'
import type { EncryptionProvider } from './providers/provider.ts'
import { SealedResource } from './sealed-resource.ts'

/** The cluster's own key. A kube-apiserver with the same key, named `key1`, reads what it sealed. */
export const ownProvider = (ownKey: Uint8Array): EncryptionProvider => aesGcm('key1', ownKey)

/** Where users chose nothing: secrets by the cluster's own key; what lies in clear from before is read. */
export function usualEncryption(ownKey: Uint8Array): Encryption {
  const secrets = new SealedResource([ownProvider(ownKey), identity])
  return { of: (storagePrefix) => (storagePrefix === 'secrets' ? secrets : undefined) }
}
