import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { AnswerHeaders, ByteSink, Exchange, HeaderMap } from './exchange.ts'
import { canonicalHeaderName } from './header-name.ts'
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
  #inherited: AnswerHeaders = {}
  #isLast = false

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

  inherit(headers: AnswerHeaders): void {
    this.#inherited = headers
  }

  respond(status: number, headers: AnswerHeaders, body?: Uint8Array | string): void {
    const response = this.#response
    if (response.headersSent || response.destroyed) return
    const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
    response.writeHead(status, this.#with(headers, String(length)))
    response.end(this.method === 'HEAD' ? undefined : body)
  }

  stream(status: number, headers: AnswerHeaders): ByteSink {
    this.#response.writeHead(status, this.#with(headers))
    this.#response.flushHeaders()
    return new ChunkSink(this.#response)
  }

  closeAfter(): void {
    this.#isLast = true
  }

  destroy(): void {
    this.#response.destroy()
  }

  /** As Go writes them: by name, and without telling that the connection is kept, which HTTP/1.1 does anyway. */
  #with(own: AnswerHeaders, contentLength?: string): string[] {
    const all: [string, string][] = []
    const headers = { ...this.#inherited, ...own }
    for (const name in headers) {
      const value = headers[name]
      if (typeof value === 'string') all.push([canonicalHeaderName(name), value])
      else for (const each of value ?? []) all.push([canonicalHeaderName(name), each])
    }
    if (contentLength !== undefined) all.push(['Content-Length', contentLength])
    // An upgrade that was refused leaves the socket in no state to be used again.
    const last = this.#isLast || this.#closing() || this.upgrade !== undefined
    if (last) all.push(['Connection', 'close'])
    else if (this.#response.shouldKeepAlive && this.readable.httpVersion === '1.1') {
      this.#response.removeHeader('connection')
    }
    return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat()
  }
}
