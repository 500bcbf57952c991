import type { Status } from '../machinery/errors.ts'

/**
 * How a request reaches an API server. `inProcess` hands frozen objects straight to the request pipeline of a server in
 * this process; `http` speaks to any Kubernetes. Both pass `conformance.ts`, and components know only this interface.
 */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/api/v1/namespaces/default/pods`; segments already percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body?: unknown
  /** Of the body: default application/json; a PATCH names its patch type. */
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Decoded and frozen JSON, or a string for text answers. */
  readonly body: unknown
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  /** The object, or a Status for ERROR. */
  readonly object: unknown
}

export interface Transport {
  /** Resolves with 2xx answers; throws the ApiError that the server sent otherwise. Network trouble throws an Error. */
  request(request: ApiRequest): Promise<ApiResponse>
  /**
   * Starts a watch (`watch=true` is added). Resolves once the server accepted it; events come in order until the
   * iteration ends. Aborting the signal ends it without an error.
   */
  watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>>
  close(): Promise<void>
}

export type { Status }
