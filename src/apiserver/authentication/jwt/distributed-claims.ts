import { isObject } from '../../../machinery/json.ts'
import type { HttpsGet } from './https-get.ts'
import type { IssuerKeys } from './issuer-keys.ts'

type Claims = Readonly<Record<string, unknown>>

/** Whose keys are kept: an endpoint names the issuer of what it answers, and must not fill the memory with names. */
const maxIssuers = 16

/**
 * A claim that a verified token does not carry but names the place of (OpenID Connect Core 1.0, section 5.6.2; apiserver
 * plugin/pkg/authenticator/token/oidc claimResolver): fetched from there, a token of its own, and set among the claims.
 */
export interface DistributedClaims {
  /** Rejects with an Error that says why the claim cannot be had. */
  expand(claims: Claims): Promise<Claims>
}

export function createDistributedClaims(options: {
  readonly claim: string
  readonly get: HttpsGet
  readonly keysOf: (issuer: string) => IssuerKeys
  /** Who made a token by its own words; undefined: no token. */
  readonly issuerOf: (token: string) => string | undefined
  /** Throws when a token is not for this server, or not now. */
  readonly check: (claims: Claims) => void
}): DistributedClaims {
  const { claim, get, keysOf, issuerOf, check } = options
  const issuers = new Map<string, IssuerKeys>()

  function knownKeys(issuer: string): IssuerKeys {
    const keys = issuers.get(issuer) ?? keysOf(issuer)
    // The one used last is dropped last.
    issuers.delete(issuer)
    issuers.set(issuer, keys)
    const [oldest] = issuers.keys()
    if (issuers.size > maxIssuers) issuers.delete(oldest!)
    return keys
  }

  async function fetchClaim(url: string, bearer: string): Promise<unknown> {
    let token: string
    try {
      token = await get.text(url, bearer)
    } catch (error) {
      const why = `error while getting distributed claim JWT: ${(error as Error).message}`
      throw new Error(`while getting distributed claim "${claim}": ${why}`, { cause: error })
    }
    const issuer = issuerOf(token)
    if (issuer === undefined)
      throw new Error(`getting untrusted issuer from endpoint ${url} failed for claim "${claim}": malformed token`)
    let told: Claims
    try {
      told = await knownKeys(issuer).verify(token)
      check(told)
    } catch (error) {
      throw new Error(`verify distributed claim token: ${(error as Error).message}`, { cause: error })
    }
    if (!Object.hasOwn(told, claim))
      throw new Error(`jwt returned by distributed claim endpoint "${url}" did not contain claim: ${claim}`)
    return told[claim]
  }

  return {
    async expand(claims) {
      const source = Object.hasOwn(claims, claim) ? undefined : sourceOf(claims, claim)
      if (source === undefined) return claims
      return { ...claims, [claim]: await fetchClaim(source.endpoint, source.accessToken) }
    },
  }
}

/** Where a claim is; undefined: nowhere else (claims put into the token as tokens are not read, as upstream). */
function sourceOf(
  claims: Claims,
  claim: string,
): { readonly endpoint: string; readonly accessToken: string } | undefined {
  const { _claim_names: names, _claim_sources: sources } = claims
  if (names === undefined) return undefined
  if (!isObject(names)) throw new Error('oidc: error parsing distributed claim names: no object')
  if (sources === undefined) throw new Error('oidc: no claim sources')
  if (!isObject(sources)) throw new Error('oidc: could not parse claim sources: no object')
  if (!Object.hasOwn(names, claim)) return undefined
  const name = String(names[claim])
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined
  if (!isObject(source)) throw new Error(`id token _claim_names contained a source ${name} missing in _claims_sources`)
  const { endpoint, access_token: accessToken } = source
  if (typeof endpoint !== 'string' || endpoint === '') return undefined
  return { endpoint, accessToken: typeof accessToken === 'string' ? accessToken : '' }
}
