import type { Server } from 'node:http'
import {
  constants,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { createServer as createTcpServer } from 'node:net'
import type { Clock } from '../../machinery/clock.ts'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { Exchange } from './exchange.ts'
import { httpDate } from './http-date.ts'
import { createHttp1Server } from './http1-server.ts'
import { Http2Exchange } from './http2-exchange.ts'
import { sortOutPlainHttp } from './plain-http.ts'
import { suites } from './suites.ts'

export interface ListenerOptions {
  /** Absent: plain HTTP/1.1, for tests. */
  readonly tls: TlsOptions | undefined
  readonly onExchange: (exchange: Exchange) => void
  /** A TLS handshake failed. */
  readonly onHandshakeFailed?: () => void
  readonly clock: Clock
  /** Whether others may listen at the same port. */
  readonly sharesPort?: boolean
  /** Of one connection, default 1,000. */
  readonly maxStreams?: number
}

/** Per stream 256 KiB, per connection 25 MiB, and many streams: lingering watches must not starve a connection (upstream: 250). */
const streamWindowBytes = 256 * 1024
const connectionWindowBytes = 25 * 1024 * 1024
const maxHeaderBytes = 1024 * 1024
/** Where nothing else was chosen. */
const usualTls: TlsOptions = { minVersion: 'TLSv1.2', ...suites }
/** Until the handshake is through, and until headers are (upstream's ReadHeaderTimeout). */
const patienceMs = 32_000

/** A header block of a few bytes may unfold to megabytes; the session itself counts headers, not bytes. */
function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, 0)
}

/** One TLS port for HTTP/2, HTTP/1.1 and upgrades; sockets are handed to the protocol that ALPN chose. */
export class Listener {
  readonly #servers: NetServer[] = []
  readonly #secure: TlsServer[] = []
  readonly #http1: Server
  readonly #http2: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()
  readonly #options: ListenerOptions
  readonly #certificates = new WeakMap<object, ClientCertificate | null>()
  #closing = false

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#http1 = createHttp1Server({
      maxHeaderBytes,
      patienceMs,
      onExchange: options.onExchange,
      certificateOf: (socket) => this.#certificateOf(socket),
      closing: () => this.#closing,
      date: httpDate(options.clock),
    })
    this.#http2 = this.#createHttp2()
  }

  async listen(address: string, port: number): Promise<AddressInfo> {
    const onSocket = (socket: Socket) => this.#onSocket(socket)
    const { tls } = this.#options
    const server = tls === undefined ? createTcpServer({ noDelay: true }, onSocket) : this.#createSecure(tls, onSocket)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address, port, backlog: 1024, reusePort: this.#options.sharesPort }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#servers.push(server)
    return server.address() as AddressInfo
  }

  /** New handshakes go by this; connections that are there stay. */
  renewTls(tls: TlsOptions): void {
    for (const server of this.#secure) server.setSecureContext({ ...usualTls, ...tls })
  }

  /** Takes no new connection, tells the present ones to go, and resolves when they have gone or `graceMs` is over. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
    for (const session of this.#sessions) session.close()
    this.#http1.close()
    let cancel = () => {}
    const expired = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(graceMs, resolve)
    })
    await Promise.race([closed, expired])
    cancel()
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** TLS, which looks at each connection first: some clients forget it. */
  #createSecure(tls: TlsOptions, onSocket: (socket: TLSSocket) => void): NetServer {
    const { clock, onHandshakeFailed } = this.#options
    const secure = createTlsServer(
      {
        ALPNProtocols: ['h2', 'http/1.1'],
        ...usualTls,
        ...tls,
        handshakeTimeout: patienceMs,
      },
      onSocket,
    )
    this.#secure.push(secure)
    // Clients that break off a handshake, and scanners: nothing to be done.
    secure.on('tlsClientError', () => onHandshakeFailed?.())
    return createTcpServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      sortOutPlainHttp(socket, { clock, patienceMs, secure: (begun) => void secure.emit('connection', begun) })
    })
  }

  #onSocket(socket: Socket | TLSSocket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    if (this.#closing) {
      socket.destroy()
      return
    }
    if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') this.#http2.emit('connection', socket)
    else this.#http1.emit('connection', socket)
  }

  #createHttp2(): Http2Server {
    const server = createHttp2Server({
      settings: {
        initialWindowSize: streamWindowBytes,
        maxConcurrentStreams: this.#options.maxStreams ?? 1000,
        maxHeaderListSize: maxHeaderBytes,
      },
      maxSessionMemory: 256,
      // An impersonated user may have hundreds of groups, each a header.
      maxHeaderListPairs: 1000,
      // A client that opens and resets streams in a row is cut off (CVE-2023-44487).
      streamResetBurst: 1000,
      streamResetRate: 100,
      // A field whose value has spaces around it is dropped otherwise, and who was to be impersonated with it.
      strictFieldWhitespaceValidation: false,
      maxSessionInvalidFrames: 1000,
      maxSessionRejectedStreams: 100,
    } as Parameters<typeof createHttp2Server>[0])
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => {})
      session.setLocalWindowSize(connectionWindowBytes)
    })
    server.on('sessionError', () => {})
    server.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders: string[]) => {
      // A client that resets its stream is no fault of ours, answered or not.
      stream.on('error', () => {})
      if (sizeOf(rawHeaders) > maxHeaderBytes) {
        stream.respond({ ':status': 431 }, { endStream: true })
        return
      }
      const scheme = headers[':scheme']
      if (scheme !== undefined && scheme !== 'https' && scheme !== 'http') {
        stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
        return
      }
      const socket = stream.session?.socket
      this.#options.onExchange(
        new Http2Exchange(stream, headers, {
          rawHeaders,
          remoteAddress: socket?.remoteAddress ?? '',
          clientCertificate: stream.session && this.#certificateOf(stream.session, socket),
        }),
      )
    })
    return server
  }

  /** Looked up once per connection. */
  #certificateOf(connection: object, socket: object = connection): ClientCertificate | undefined {
    let known = this.#certificates.get(connection)
    if (known === undefined) {
      const tls = socket as Partial<TLSSocket>
      const certificate = tls.encrypted === true ? tls.getPeerX509Certificate?.() : undefined
      known = certificate === undefined ? null : { certificate, verified: tls.authorized === true, connection }
      this.#certificates.set(connection, known)
    }
    return known ?? undefined
  }
}
