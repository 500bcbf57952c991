import { type KeyObject, sign, verify } from 'node:crypto'
import { DerError, der, type DerElement, childrenOf, readOid } from './der.ts'

/** Signature algorithms of certificates and requests (RFC 5754, 5758, 8410). */
const algorithms: Readonly<
  Record<string, { readonly hash: string | null; readonly keyType: string; readonly name: string }>
> = {
  '1.2.840.10045.4.3.2': { hash: 'sha256', keyType: 'ec', name: 'ECDSA-SHA256' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', keyType: 'ec', name: 'ECDSA-SHA384' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', keyType: 'ec', name: 'ECDSA-SHA512' },
  '1.2.840.113549.1.1.11': { hash: 'sha256', keyType: 'rsa', name: 'SHA256-RSA' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', keyType: 'rsa', name: 'SHA384-RSA' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', keyType: 'rsa', name: 'SHA512-RSA' },
  '1.3.101.112': { hash: null, keyType: 'ed25519', name: 'Ed25519' },
}
/** Good enough to show that a request's sender holds its key, and for nothing else (Go's crypto/x509 checkSignature). */
const requestAlgorithms: typeof algorithms = {
  ...algorithms,
  '1.2.840.113549.1.1.5': { hash: 'sha1', keyType: 'rsa', name: 'SHA1-RSA' },
  '1.2.840.10045.4.1': { hash: 'sha1', keyType: 'ec', name: 'ECDSA-SHA1' },
}

function algorithmFor(key: KeyObject): { oid: string; hash: string | null; encoded: Buffer } {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return { oid: '1.2.840.10045.4.3.2', hash: 'sha256', encoded: der.sequence(der.oid('1.2.840.10045.4.3.2')) }
    case 'rsa':
      return {
        oid: '1.2.840.113549.1.1.11',
        hash: 'sha256',
        encoded: der.sequence(der.oid('1.2.840.113549.1.1.11'), der.null()),
      }
    case 'ed25519':
      return { oid: '1.3.101.112', hash: null, encoded: der.sequence(der.oid('1.3.101.112')) }
    default:
      throw new Error(`cannot sign with a key of type ${key.asymmetricKeyType}`)
  }
}

/** The AlgorithmIdentifier with which `key` signs. */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return algorithmFor(key).encoded
}

/** `SEQUENCE { body, algorithm, signature }`, the outer form of certificates and requests. */
export function signedDocument(body: Buffer, key: KeyObject): Buffer {
  const { hash, encoded } = algorithmFor(key)
  return der.sequence(body, encoded, der.bitString(sign(hash, body, key)))
}

/**
 * Whether `signature` is the signature of `body` by the holder of `key`. Algorithms without collision resistance never are,
 * but for requests.
 */
export function verifySignature(
  body: Buffer,
  algorithm: DerElement,
  signature: DerElement,
  key: KeyObject,
  of: 'certificate' | 'request' = 'certificate',
): boolean {
  const known = (of === 'request' ? requestAlgorithms : algorithms)[readOid(childrenOf(algorithm)[0])]
  if (known === undefined || known.keyType !== key.asymmetricKeyType) return false
  if (signature.tag !== 0x03 || signature.content[0] !== 0) throw new DerError('malformed signature')
  return verify(known.hash, body, key, signature.content.subarray(1))
}
