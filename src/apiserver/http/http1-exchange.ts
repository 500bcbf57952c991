import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { ByteSink, Exchange, HeaderMap } from './exchange.ts'
import { ChunkSink } from './stream-sink.ts'

/** A request over HTTP/1.1; an upgrade carries its bare socket. */
export class Http1Exchange implements Exchange {
  readonly protocol = 'HTTP/1.1'
  readonly method: string
  readonly target: string
  readonly headers: HeaderMap
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  readonly readable: IncomingMessage
  readonly upgrade?: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  readonly #response: ServerResponse
  readonly #closing: () => boolean
  #abort: AbortController | undefined

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: {
      remoteAddress: string
      clientCertificate: ClientCertificate | undefined
      /** Whether the server stops: connections are not kept alive then. */
      closing: () => boolean
      upgrade?: { socket: Duplex; head: Buffer }
    },
  ) {
    this.readable = request
    this.#response = response
    this.method = request.method ?? 'GET'
    this.target = request.url ?? '/'
    this.headers = request.headers as HeaderMap
    this.remoteAddress = connection.remoteAddress
    this.clientCertificate = connection.clientCertificate
    this.#closing = connection.closing
    if (connection.upgrade !== undefined) this.upgrade = { request, ...connection.upgrade }
    response.on('error', () => {})
  }

  headerValues(name: string): readonly string[] {
    return this.readable.headersDistinct[name] ?? []
  }

  get started(): boolean {
    return this.#response.headersSent
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController()
      this.#abort = abort
      this.#response.once('close', () => abort.abort())
    }
    return this.#abort.signal
  }

  respond(status: number, headers: HeaderMap, body?: Uint8Array | string): void {
    const response = this.#response
    if (response.headersSent || response.destroyed) return
    const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
    response.writeHead(status, this.#with(headers, { 'content-length': String(length) }))
    response.end(this.method === 'HEAD' ? undefined : body)
  }

  stream(status: number, headers: HeaderMap): ByteSink {
    this.#response.writeHead(status, this.#with(headers, {}))
    this.#response.flushHeaders()
    return new ChunkSink(this.#response)
  }

  destroy(): void {
    this.#response.destroy()
  }

  #with(headers: HeaderMap, more: Record<string, string>): Record<string, string> {
    const all: Record<string, string> = { ...more }
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name] = value
    // An upgrade that was refused leaves the socket in no state to be used again.
    if (this.#closing() || this.upgrade !== undefined) all['connection'] = 'close'
    return all
  }
}
