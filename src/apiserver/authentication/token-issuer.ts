import type { KubeObject } from '../../machinery/meta/object.ts'

/** A TokenRequest's spec, defaulted (authentication.k8s.io/v1). */
export interface TokenRequestSpec {
  readonly audiences?: readonly string[]
  readonly expirationSeconds?: number
  readonly boundObjectRef?: {
    readonly kind?: string
    readonly apiVersion?: string
    readonly name?: string
    readonly uid?: string
  }
}

/** The object to which a token is bound, as it is stored. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node'
  readonly object: KubeObject
  /** The node that a bound pod runs on, when there is one. */
  readonly node?: KubeObject | { readonly metadata: { readonly name: string; readonly uid?: string } }
}

/** Signs bound service-account tokens (upstream: pkg/serviceaccount/claims.go, jwt.go). */
export interface TokenIssuer {
  /** The audiences of tokens that ask for none. */
  readonly audiences: readonly string[]
  /** Seconds that a token may live at most; 0: as long as was asked. */
  readonly maxExpirationSeconds: number
  issue(request: {
    readonly serviceAccount: KubeObject
    readonly bound?: BoundObject
    readonly audiences: readonly string[]
    readonly expirationSeconds: number
  }): Promise<{ readonly token: string; readonly expirationTimestamp: string }>
}
