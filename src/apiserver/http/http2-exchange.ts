import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { AnswerHeaders, ByteSink, Exchange, HeaderMap } from './exchange.ts'
import { textOfHeader } from './header-text.ts'
import { StreamSink } from './stream-sink.ts'

/** A request on a stream of an HTTP/2 connection. */
export class Http2Exchange implements Exchange {
  readonly protocol = 'HTTP/2.0'
  readonly method: string
  readonly target: string
  readonly headers: HeaderMap
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  readonly readable: ServerHttp2Stream
  readonly #stream: ServerHttp2Stream
  readonly #rawHeaders: readonly string[]
  #abort: AbortController | undefined
  #started = false
  #inherited: AnswerHeaders = {}

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders & { ':method'?: string; ':path'?: string },
    connection: {
      remoteAddress: string
      clientCertificate: ClientCertificate | undefined
      /** Names and values in turn, as they came. */
      rawHeaders: readonly string[]
    },
  ) {
    this.#rawHeaders = connection.rawHeaders
    this.#stream = stream
    this.readable = stream
    this.method = headers[':method'] ?? 'GET'
    // CONNECT names a host only, which is no path.
    this.target = headers[':path'] ?? headers[':authority'] ?? ''
    this.headers = headers as HeaderMap
    this.remoteAddress = connection.remoteAddress
    this.clientCertificate = connection.clientCertificate
    endQuietly(stream)
  }

  headerValues(name: string): readonly string[] {
    return this.#rawHeaders
      .filter((_, index, raw) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === name)
      .map(textOfHeader)
  }

  get started(): boolean {
    return this.#started
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController()
      this.#abort = abort
      if (this.#stream.destroyed) abort.abort()
      else this.#stream.once('close', () => abort.abort())
    }
    return this.#abort.signal
  }

  inherit(headers: AnswerHeaders): void {
    this.#inherited = headers
  }

  respond(status: number, headers: AnswerHeaders, body?: Uint8Array | string): void {
    const stream = this.#stream
    if (this.#started || stream.destroyed || stream.closed) return
    this.#started = true
    const all = { ':status': status, ...this.#inherited, ...headers }
    if (body === undefined || body.length === 0) {
      stream.respond({ ...all, 'content-length': 0 }, { endStream: true })
    } else {
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
      const head = this.method === 'HEAD'
      stream.respond({ ...all, 'content-length': length }, { endStream: head })
      if (!head) stream.end(body)
    }
    this.#refuseRest()
  }

  stream(status: number, headers: AnswerHeaders): ByteSink {
    this.#started = true
    const stream = this.#stream
    if (!stream.destroyed && !stream.closed) stream.respond({ ':status': status, ...this.#inherited, ...headers })
    return new StreamSink(stream, () => stream.close(constants.NGHTTP2_CANCEL))
  }

  closeAfter(): void {
    // GOAWAY; the session ends with its last stream.
    this.#stream.session?.close()
  }

  destroy(): void {
    this.#started = true
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  /** A body that nobody reads must not hold the connection's window. */
  #refuseRest(): void {
    if (!this.#stream.readableEnded) this.#stream.resume()
  }
}

/**
 * Node.js makes an error for each stream that ends before its last write is acknowledged, which nearly all do
 * (streams/writable errorBuffer). Nobody gets to see it, so that it need not tell where it was made.
 */
function endQuietly(stream: ServerHttp2Stream): void {
  const { destroy } = stream
  stream.destroy = function quietly(error?: Error) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    try {
      return destroy.call(this, error)
    } finally {
      Error.stackTraceLimit = limit
    }
  }
}
