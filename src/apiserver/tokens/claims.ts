/** What a service-account token says (pkg/serviceaccount/claims.go). Times in seconds since the epoch. */
export interface BoundTokenClaims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly iss: string
  readonly jti: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly node?: ClaimReference
    readonly pod?: ClaimReference
    readonly secret?: ClaimReference
    readonly serviceaccount: ClaimReference
    readonly warnafter?: number
  }
  readonly nbf: number
  readonly sub: string
}

export interface ClaimReference {
  readonly name: string
  readonly uid?: string
}

/** Tokens that a Secret of type kubernetes.io/service-account-token carries; they never end (pkg/serviceaccount/legacy.go). */
export interface LegacyTokenClaims {
  readonly iss: typeof legacyIssuer
  readonly 'kubernetes.io/serviceaccount/namespace': string
  readonly 'kubernetes.io/serviceaccount/secret.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string
  readonly sub: string
}
export const legacyIssuer = 'kubernetes/serviceaccount'

/** The lifetime that the ServiceAccount admission plugin gives to the tokens of pods; such tokens are extended. */
export const projectedTokenSeconds = 3607
export const extendedTokenSeconds = 365 * 24 * 3600
