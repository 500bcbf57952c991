import type { Readable } from 'node:stream'

/** One request as it goes over the wire, whatever the version of HTTP. */
export interface WireRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Must be read to the end or destroyed. */
  readonly body: Readable
}

/** Sends requests to one server. */
export interface Exchange {
  send(request: WireRequest): Promise<WireResponse>
  /** Sends what comes on new connections; those that are there end with their last request. */
  renew(): void
  close(): Promise<void>
}

/** The server surely has not acted on the request, so that it may be sent again whatever it does. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

/** The first value of each header. */
export function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue
    plain[name] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return plain
}
