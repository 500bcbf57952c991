import type { X509Certificate } from 'node:crypto'
import type { UserInfo } from '../../api/user.ts'

/** What a request shows of who makes it. Header names are lower case; a header that came twice is joined with ", ". */
export interface AuthenticationRequest {
  readonly headers: Readonly<Record<string, string | undefined>>
  /**
   * Each value of a header that may come several times (impersonate-group, x-remote-group, …), in order. Absent: `headers`
   * holds at most one value of each.
   */
  readonly headerValues?: (name: string) => readonly string[]
  readonly path: string
  /** The certificate of the client's end of the TLS connection; absent over plain transports and when none was shown. */
  readonly clientCertificate?: ClientCertificate
  readonly remoteAddress: string
}

export interface ClientCertificate {
  readonly certificate: X509Certificate
  /** Whether TLS verified the chain against the server's client authorities. */
  readonly verified: boolean
  /** Identity of the connection: a key under which what follows from the certificate may be kept (WeakMap). */
  readonly connection: object
}

export interface AuthenticationResult {
  readonly user: UserInfo
  /** Audiences for which the credential holds, when it names any. */
  readonly audiences?: readonly string[]
}

/**
 * Tells who makes a request (apiserver pkg/authentication/authenticator). `undefined`: this request carries no credential
 * of my kind, ask the next. Throws when it carries one that does not hold; the request is refused with 401 when no other
 * authenticator accepts it. The groups `system:authenticated` and `system:unauthenticated` are added by the chain.
 */
export interface Authenticator {
  readonly name: string
  authenticate(
    request: AuthenticationRequest,
  ): AuthenticationResult | undefined | Promise<AuthenticationResult | undefined>
}
