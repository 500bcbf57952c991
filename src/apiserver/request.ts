import type { UserInfo } from '../api/user.ts'
import type { ClientCertificate } from './authentication/authenticator.ts'
import type { Exchange } from './http/exchange.ts'
import type { Query } from './routing/query.ts'

/** A body as it came: bytes to be decoded, or an object from a caller in this process, who must not change it any more. */
export type RequestBody =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'object'; readonly object: unknown }

/** A request, wherever it came from: the wire or a component in this process. */
export interface ServerRequest {
  readonly method: string
  readonly path: string
  readonly segments: readonly string[]
  /** As they came, percent-encoded, for proxies. */
  readonly rawSegments: readonly string[]
  readonly query: Query
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Each value of a header that came several times; absent in process, where none does. */
  readonly headerValues?: (name: string) => readonly string[]
  readonly remoteAddress: string
  readonly clientCertificate?: ClientCertificate
  /** Who asks, when that is known without credentials: components in this process. */
  readonly user?: UserInfo
  /** Reads the body, once. Throws `requestEntityTooLarge` beyond the limit. */
  body(): Promise<RequestBody> | RequestBody
  /** Aborted when the client has gone or the time is up. */
  readonly signal: AbortSignal
  /** The raw stream, for connect; absent in process. */
  readonly exchange?: Exchange
}
