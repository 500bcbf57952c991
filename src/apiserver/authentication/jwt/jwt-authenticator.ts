import type { Clock } from '../../../machinery/clock.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { TokenAuthenticator } from '../token-authenticator.ts'
import type { CompiledAuthenticator } from './compile-authenticator.ts'
import { createDistributedClaims } from './distributed-claims.ts'
import type { HttpsGet } from './https-get.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { userOfClaims } from './user-of-claims.ts'

/** `nbf` may be so far ahead: clocks differ. */
const leewaySeconds = 60
const google = 'https://accounts.google.com'

/** Tokens of one issuer outside (apiserver plugin/pkg/authenticator/token/oidc). */
export function createJwtAuthenticator(options: {
  readonly authenticator: CompiledAuthenticator
  readonly keys: IssuerKeys
  /** Finds claims that are told elsewhere, and the keys of who tells them. */
  readonly get: HttpsGet
  readonly keysOf: (issuer: string) => IssuerKeys
  readonly clock: Clock
}): TokenAuthenticator {
  const { authenticator, keys, get, keysOf, clock } = options
  const { url, audiences } = authenticator.config.issuer
  const { claim } = authenticator.config.claimMappings.groups
  const check = (claims: Readonly<Record<string, unknown>>) => checkStandardClaims(claims, audiences, clock.now())
  const groups = claim === '' ? undefined : createDistributedClaims({ claim, get, keysOf, issuerOf, check })
  return {
    name: `jwt:${url}`,
    async authenticateToken(token) {
      if (issuerOf(token) !== url) return undefined
      let claims: Readonly<Record<string, unknown>>
      try {
        claims = await keys.verify(token)
        check(claims)
      } catch (error) {
        throw new Error(`oidc: verify token: ${(error as Error).message}`, { cause: error })
      }
      try {
        claims = (await groups?.expand(claims)) ?? claims
      } catch (error) {
        throw new Error(`oidc: could not expand distributed claims: ${(error as Error).message}`, { cause: error })
      }
      return { user: userOfClaims(authenticator, claims) }
    },
  }
}

/** Who a token says made it; not yet to be believed. */
function issuerOf(token: string): string | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const { iss } = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8')) as { iss?: string }
    return iss === 'accounts.google.com' ? google : iss
  } catch {
    return undefined
  }
}

function checkStandardClaims(
  claims: Readonly<Record<string, unknown>>,
  audiences: readonly string[],
  nowMs: number,
): void {
  const { aud, exp, nbf } = claims
  const carried = Array.isArray(aud) ? aud.map(String) : typeof aud === 'string' ? [aud] : []
  const shown = (names: readonly string[]) => `[${names.map(goQuote).join(' ')}]`
  if (!carried.some((one) => audiences.includes(one)))
    throw new Error(
      `oidc: expected audience ${audiences.length === 1 ? goQuote(audiences[0]!) : `in ${shown([...audiences].sort())}`} got ${shown(carried)}`,
    )
  const now = nowMs / 1000
  if (typeof exp !== 'number' || exp < now) throw new Error(`oidc: token is expired (Token Expiry: ${momentText(exp)})`)
  if (typeof nbf === 'number' && now + leewaySeconds < nbf)
    throw new Error(`oidc: current time ${momentText(now)} before the nbf (not before) time: ${momentText(nbf)}`)
}

function momentText(seconds: unknown): string {
  const ms = typeof seconds === 'number' ? seconds * 1000 : -62135596800000
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`
}
