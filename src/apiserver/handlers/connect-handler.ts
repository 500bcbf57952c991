import type { UserInfo } from '../../api/user.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Query } from '../routing/query.ts'
import type { RequestInfo } from '../routing/request-info.ts'

/** A connect request after authentication, authorization and admission. */
export interface ConnectContext {
  readonly exchange: Exchange
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly query: Query
  /** The options as admission saw them, e.g. PodExecOptions. */
  readonly options: Readonly<Record<string, unknown>>
  /** What follows the subresource, undecoded, with its leading slash; '' when nothing follows. */
  readonly rawSubpath: string
  /** Reads the parent object. */
  parent(): Promise<KubeObject>
}

/**
 * Serves exec, attach, portforward, log, proxy: owns the exchange from here on and must answer it. Throws ApiError before
 * an answer was begun to refuse.
 */
export interface ConnectHandler {
  /** Methods besides which 405 is answered. */
  readonly methods: readonly string[]
  /** Kind of the options, for admission: `PodExecOptions`. */
  readonly optionsKind: string
  /** Whether the path may go on behind the subresource. */
  readonly subpath: boolean
  /** What one must be allowed whatever the method is, where the feature is on: a WebSocket begins with a GET. */
  readonly needs?: { readonly verb: string; readonly feature: string }
  connect(context: ConnectContext): Promise<void>
}
