import { compactVerify, type CryptoKey, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import type { Clock } from '../../../machinery/clock.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import { isObject } from '../../../machinery/json.ts'
import type { HttpsGet } from './https-get.ts'

/** How tokens may be signed; never by a shared secret, never not at all. */
export const signingAlgorithms: readonly string[] = [
  ...['ES256', 'ES384', 'ES512'],
  ...['PS256', 'PS384', 'PS512'],
  ...['RS256', 'RS384', 'RS512'],
]

const discoveryRetryMs = 10_000
/** Keys are asked for again when a signature fits none, but not more often. */
const refetchMs = 1000

/** Verifies signatures by the keys that an issuer publishes (OpenID Connect Discovery; coreos/go-oidc). */
export interface IssuerKeys {
  /** The token's payload. Rejects with an Error that says why it does not hold. */
  verify(token: string): Promise<Readonly<Record<string, unknown>>>
}

interface PublishedKeys {
  readonly keys: readonly JWK[]
  readonly fetchedAt: number
}

export function createIssuerKeys(options: {
  readonly issuer: string
  /** Where the issuer describes itself; '': at its well-known path. */
  readonly discoveryUrl: string
  readonly algorithms: readonly string[]
  readonly get: HttpsGet
  readonly clock: Clock
}): IssuerKeys {
  const { issuer, algorithms, get, clock } = options
  const discoveryUrl = options.discoveryUrl || `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  let jwksUrl: string | undefined
  let triedAt = -Infinity
  let published: PublishedKeys = { keys: [], fetchedAt: -Infinity }
  let discovering: Promise<string> | undefined
  let fetching: Promise<PublishedKeys> | undefined

  async function discover(): Promise<string> {
    const document = await get.json(discoveryUrl)
    const { issuer: told, jwks_uri: url } = isObject(document) ? document : {}
    if (told !== issuer)
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${goQuote(issuer)} got ${goQuote(String(told))}`,
      )
    if (typeof url !== 'string' || url === '') throw new Error('provider did not return JWKS URL')
    return (jwksUrl = url)
  }
  async function located(): Promise<string> {
    if (jwksUrl !== undefined) return jwksUrl
    if (discovering === undefined) {
      if (clock.monotonic() - triedAt < discoveryRetryMs) throw new Error('oidc: authenticator not initialized')
      triedAt = clock.monotonic()
      discovering = discover().finally(() => (discovering = undefined))
    }
    return discovering
  }
  async function fetchKeys(): Promise<PublishedKeys> {
    const document = await get.json(await located())
    const keys = isObject(document) && Array.isArray(document['keys']) ? (document['keys'] as JWK[]) : []
    return (published = { keys, fetchedAt: clock.monotonic() })
  }
  function freshKeys(): Promise<PublishedKeys> {
    fetching ??= fetchKeys().finally(() => (fetching = undefined))
    return fetching
  }

  async function verifiedBy(keys: readonly JWK[], token: string, keyId: string): Promise<Uint8Array | undefined> {
    for (const key of keys) {
      if (keyId !== '' && key.kid !== keyId) continue
      try {
        return (await compactVerify(token, (header) => keyFor(key, header.alg), { algorithms: [...algorithms] }))
          .payload
      } catch {
        // Another key of the same id may fit.
      }
    }
    return undefined
  }

  return {
    async verify(token) {
      const { alg = '', kid = '' } = headerOf(token)
      if (!algorithms.includes(alg))
        throw new Error(
          `oidc: id token signed with unsupported algorithm, expected [${algorithms.map(goQuote).join(' ')}] got ${goQuote(alg)}`,
        )
      let payload = await verifiedBy(published.keys, token, kid)
      if (payload === undefined && clock.monotonic() - published.fetchedAt >= refetchMs) {
        let fresh: PublishedKeys
        try {
          fresh = await freshKeys()
        } catch (error) {
          if (jwksUrl === undefined) throw error
          throw new Error(`failed to verify signature: fetching keys ${(error as Error).message}`, { cause: error })
        }
        payload = await verifiedBy(fresh.keys, token, kid)
      }
      if (payload === undefined) throw new Error('failed to verify signature: failed to verify id token signature')
      const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
      if (!isObject(claims)) throw new Error('oidc: failed to unmarshal claims')
      return claims
    },
  }
}

function headerOf(token: string): { alg?: string; kid?: string } {
  try {
    return decodeProtectedHeader(token)
  } catch (error) {
    throw new Error(`oidc: malformed jwt: ${(error as Error).message}`, { cause: error })
  }
}

async function keyFor(jwk: JWK, algorithm: string): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm)
  // A shared secret among published keys is nobody's proof.
  if (key instanceof Uint8Array) throw new Error('the key is no public key')
  return key
}
