import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

/**
 * JSON Web Tokens as service accounts carry them: RS256 only, compact form (RFC 7515, 7519). Own rather than a
 * library's, since the one fixed algorithm is a few lines of node:crypto, and verification must be synchronous on the
 * path of every request.
 */
export interface JwtHeader {
  readonly alg: 'RS256'
  readonly kid: string
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signAsync = promisify(sign)

/** Signs in another thread: an RSA signature takes about a millisecond. */
export async function signJwt(
  claims: object,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): Promise<string> {
  const header: JwtHeader = { alg: 'RS256', kid: key.keyId }
  const body = `${encode(header)}.${encode(claims)}`
  const signature = await signAsync('RSA-SHA256', Buffer.from(body), key.privateKey)
  return `${body}.${signature.toString('base64url')}`
}

export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** Whether the holder of this key signed it, by RS256. */
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
    verify: (publicKey) =>
      // The algorithm is ours to choose, never the token's: "none" and HMAC with a public key get nowhere.
      header.alg === 'RS256' &&
      publicKey.asymmetricKeyType === 'rsa' &&
      verify('RSA-SHA256', Buffer.from(`${parts[0]}.${parts[1]}`), publicKey, Buffer.from(parts[2]!, 'base64url')),
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
  const { n = '', e = '' } = createPublicKey(key.publicKey.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  })
  return { use: 'sig', kty: 'RSA', kid: key.keyId, alg: 'RS256', n, e }
}
