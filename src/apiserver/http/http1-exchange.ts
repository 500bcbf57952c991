import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { http } from '../../machinery/node-http.ts'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { AnswerHeaders, ByteSink, Exchange, HeaderMap } from './exchange.ts'
import { canonicalHeaderName } from './header-name.ts'
import { textOfHeader } from './header-text.ts'
import { ChunkSink } from './stream-sink.ts'

/** A request over HTTP/1.1; an upgrade carries its bare socket. */
export class Http1Exchange implements Exchange {
  readonly protocol = 'HTTP/1.1'
  readonly method: string
  readonly target: string
  readonly headers: HeaderMap
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  readonly #request: IncomingMessage
  readonly upgrade?: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  readonly #response: ServerResponse
  readonly #closing: () => boolean
  readonly #date: () => string
  #abort: AbortController | undefined
  #inherited: AnswerHeaders = {}
  #isLast: boolean
  #awaitsContinue: boolean
  readonly #readBefore: number

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: {
      remoteAddress: string
      clientCertificate: ClientCertificate | undefined
      /** Whether the server stops: connections are not kept alive then. */
      closing: () => boolean
      /** The present, as headers tell it. */
      date: () => string
      /** The client sends its body only when it is told to continue. */
      expectsContinue?: boolean
      /** Nothing can follow on the connection. */
      isLast?: boolean
      upgrade?: { socket: Duplex; head: Buffer }
    },
  ) {
    this.#request = request
    this.#response = response
    this.method = request.method ?? 'GET'
    this.target = request.url ?? '/'
    this.headers = request.headers as HeaderMap
    this.remoteAddress = connection.remoteAddress
    this.clientCertificate = connection.clientCertificate
    this.#closing = connection.closing
    this.#readBefore = request.socket.bytesRead
    this.#date = connection.date
    this.#isLast = connection.isLast ?? false
    this.#awaitsContinue = connection.expectsContinue === true && hasBody(request)
    if (connection.upgrade !== undefined) this.upgrade = { request, ...connection.upgrade }
    response.on('error', () => {})
  }

  /** Who waits to be told that its body is wanted is told when somebody reads. */
  get readable(): IncomingMessage {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false
      this.#response.writeContinue()
    }
    return this.#request
  }

  headerValues(name: string): readonly string[] {
    return (this.#request.headersDistinct[name] ?? []).map(textOfHeader)
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
    this.#begin(status, headers, String(length))
    response.end(this.method === 'HEAD' ? undefined : body)
  }

  stream(status: number, headers: AnswerHeaders): ByteSink {
    this.#begin(status, headers)
    this.#response.flushHeaders()
    return new ChunkSink(this.#response)
  }

  closeAfter(): void {
    this.#isLast = true
  }

  destroy(): void {
    this.#response.destroy()
  }

  /** Headers as Go writes them: by name, then its own, and without telling that HTTP/1.1 keeps the connection. */
  #begin(status: number, own: AnswerHeaders, contentLength?: string): void {
    const response = this.#response
    const all: [string, string][] = []
    const headers = { ...this.#inherited, ...own }
    for (const name in headers) {
      const value = headers[name]
      if (typeof value === 'string') all.push([canonicalHeaderName(name), value])
      else for (const each of value ?? []) all.push([canonicalHeaderName(name), each])
    }
    // An upgrade that was refused leaves the socket in no state to be used again.
    const isLast = this.#isLast || this.#closing() || this.upgrade !== undefined
    if (isLast) all.push(['Connection', 'close'])
    all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    all.push(['Date', this.#date()])
    if (contentLength !== undefined) all.push(['Content-Length', contentLength])
    if (!isLast) {
      const { httpVersion } = this.#request
      if (this.#leavesBody()) all.push(['Connection', 'close'])
      else if (response.shouldKeepAlive !== (httpVersion === '1.1')) {
        if (response.shouldKeepAlive) all.push(['Connection', 'keep-alive'])
        else if (httpVersion === '1.1') all.push(['Connection', 'close'])
      } else response.removeHeader('connection')
    }
    response.writeHead(status, reasons[status] ?? http.STATUS_CODES[status] ?? 'Unknown', all.flat())
  }

  /** Whether what the client has yet to send of its body is better not read, to no end (Go's maxPostHandlerReadBytes). */
  #leavesBody(): boolean {
    const { complete, headers } = this.#request
    if (complete || !hasBody(this.#request)) return false
    const read = this.#request.socket.bytesRead - this.#readBefore
    return this.#awaitsContinue || !(Number(headers['content-length']) - read <= leftBodyBytes)
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const leftBodyBytes = 256 * 1024

/** Where Go has other words than Node.js. */
const reasons: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
}
