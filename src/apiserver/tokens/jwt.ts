import { createPublicKey, type KeyObject, sign, type SignKeyObjectInput, verify } from 'node:crypto'
import { promisify } from 'node:util'

/**
 * JSON Web Tokens as service accounts carry them, in compact form (RFC 7515, 7519), signed as the key demands (RFC 7518). Own
 * rather than a library's, since it is a few lines of node:crypto, and verification must be synchronous on the path of every
 * request.
 */
export interface JwtHeader {
  readonly alg: JwtAlgorithm
  readonly kid: string
}
export type JwtAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512'

const digests: Readonly<Record<JwtAlgorithm, string>> = {
  RS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
}
const byCurve: Readonly<Record<string, JwtAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

/** How tokens of a key are signed (pkg/serviceaccount/jwt.go); undefined: such keys sign none. */
export function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): JwtAlgorithm | undefined {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  return asymmetricKeyType === 'ec' ? byCurve[asymmetricKeyDetails?.namedCurve ?? ''] : undefined
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signAsync = promisify<string, Buffer, SignKeyObjectInput, Buffer>(sign)
/** JOSE puts the two numbers of an ECDSA signature side by side, not into DER. */
const dsaEncoding = 'ieee-p1363'

/** Signs in another thread: an RSA signature takes about a millisecond. The key is one that {@link algorithmOf} knows. */
export async function signJwt(
  claims: object,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): Promise<string> {
  const alg = algorithmOf(key.privateKey)!
  const header: JwtHeader = { alg, kid: key.keyId }
  const body = `${encode(header)}.${encode(claims)}`
  const signature = await signAsync(digests[alg], Buffer.from(body), { key: key.privateKey, dsaEncoding })
  return `${body}.${signature.toString('base64url')}`
}

export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** Whether the holder of this key signed it, by the algorithm of such keys. */
  verify(publicKey: KeyObject): boolean
}

/** Reads a token without trusting it; undefined when it is no compact JWT. */
export function decodeJwt(token: string): UnverifiedJwt | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined
  const [header, claims] = [jsonObject(parts[0]!), jsonObject(parts[1]!)]
  if (header === undefined || claims === undefined) return undefined
  return {
    header,
    claims,
    verify(publicKey) {
      // The algorithm is the key's to choose, never the token's: "none" and HMAC with a public key get nowhere.
      const alg = algorithmOf(publicKey)
      if (alg === undefined || header.alg !== alg) return false
      const key = { key: publicKey, dsaEncoding } as const
      return verify(digests[alg], Buffer.from(`${parts[0]}.${parts[1]}`), key, Buffer.from(parts[2]!, 'base64url'))
    },
  }
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** A public key as a member of a JSON Web Key Set, in go-jose's order of fields. */
export function jsonWebKey(key: { readonly keyId: string; readonly publicKey: KeyObject }): Record<string, string> {
  const { kty, crv, x, y, n, e } = createPublicKey(key.publicKey.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  }) as Readonly<Record<string, string>>
  const known = { use: 'sig', kty, kid: key.keyId, crv, alg: algorithmOf(key.publicKey), x, y, n, e }
  return Object.fromEntries(Object.entries(known).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
