import { goQuote } from '../../machinery/field-error.ts'
import type { ServerOptionValues } from '../options/server-options.ts'

/** How tokens of service accounts are made, and which are believed. */
export interface TokenSettings {
  /** The first signs; tokens of all are believed, so that an issuer can be renamed. */
  readonly issuers: readonly [string, ...string[]]
  /** Whom tokens for this server name. */
  readonly audiences: readonly string[]
  /** Where others find the keys; undefined: at this server. */
  readonly jwksUri?: string
  /** 0: as long as is asked for. */
  readonly maxExpirationSeconds: number
  /** Whether tokens that pods are given outlive their time, and only warn. */
  readonly extended: boolean
}

/** Whose service-account tokens are, where nothing else is said. */
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local'

/** The --service-account-… flags (pkg/kubeapiserver/options/authentication.go). Throws an Error that says what is wrong. */
export function tokenSettings(values: ServerOptionValues): TokenSettings {
  const issuers = values['service-account-issuer'] ?? [defaultIssuer]
  issuers.forEach((issuer, index) => {
    if (issuer === '') throw new Error('service-account-issuer should not be an empty string')
    if (issuer.includes(':') && !URL.canParse(issuer))
      throw new Error(`service-account-issuer ${goQuote(issuer)} contained a ':' but was not a valid URL`)
    if (issuers.indexOf(issuer) !== index)
      throw new Error(`service-account-issuer ${goQuote(issuer)} is already specified`)
  })
  const jwksUri = values['service-account-jwks-uri']
  if (jwksUri !== undefined && !URL.canParse(jwksUri)) throw new Error('service-account-jwks-uri must be a valid URL')
  if (jwksUri !== undefined && new URL(jwksUri).protocol !== 'https:')
    throw new Error(`service-account-jwks-uri requires https scheme, parsed as: ${jwksUri}`)
  const maxExpirationSeconds = values['service-account-max-token-expiration'] ?? 0
  if (maxExpirationSeconds !== 0 && (maxExpirationSeconds < 3600 || maxExpirationSeconds > 2 ** 32))
    throw new Error('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds')
  return {
    issuers: issuers as TokenSettings['issuers'],
    audiences: values['api-audiences'] ?? issuers,
    jwksUri,
    maxExpirationSeconds,
    extended: values['service-account-extend-token-expiration'] ?? true,
  }
}
