import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { decodePem } from '../../machinery/x509/pem.ts'
import { privateKeyPem } from './authority.ts'
import { readFileIfThere, writePrivateFile } from './key-file.ts'

export interface VerificationKey {
  readonly keyId: string
  readonly publicKey: KeyObject
}

/** The keys of service-account tokens: RSA, or ECDSA where they were given. */
export interface ServiceAccountKeys {
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject }
  /** The signing key's own first, then older ones of sa.pub. */
  readonly verification: readonly VerificationKey[]
}

/** Like upstream: the SHA-256 of the key's SPKI, base64url (pkg/serviceaccount/jwt.go keyIDFromPublicKey). */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}

/**
 * Loads sa.key and sa.pub, or makes a 2048-bit key. Making one takes 50 to 500 ms of another thread: whoever starts a
 * cluster does not wait for it.
 */
export async function loadServiceAccountKeys(folder: string): Promise<ServiceAccountKeys> {
  const stored = readFileIfThere(`${folder}/sa.key`)
  let privateKey: KeyObject
  if (stored !== undefined) privateKey = createPrivateKey(stored)
  else {
    privateKey = (await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })).privateKey
    writePrivateFile(`${folder}/sa.key`, privateKeyPem(privateKey))
  }
  if (privateKey.asymmetricKeyType !== 'rsa') throw new Error(`${folder}/sa.key must be an RSA key`)
  const own = createPublicKey(privateKey)
  const published = readFileIfThere(`${folder}/sa.pub`)
  if (published === undefined)
    writePrivateFile(`${folder}/sa.pub`, own.export({ type: 'spki', format: 'pem' }) as string)
  const others = decodePem(published ?? '')
    .map(({ bytes }) => createPublicKey({ key: bytes, format: 'der', type: 'spki' }))
    .filter((key) => !key.equals(own))
  return {
    signing: { keyId: keyIdOf(own), privateKey },
    verification: [own, ...others].map((publicKey) => ({ keyId: keyIdOf(publicKey), publicKey })),
  }
}
