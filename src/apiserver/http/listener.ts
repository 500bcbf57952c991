import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { createServer as createTcpServer } from 'node:net'
import { http } from '../../machinery/node-http.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import type { Exchange } from './exchange.ts'
import { Http1Exchange } from './http1-exchange.ts'
import { Http2Exchange } from './http2-exchange.ts'

export interface ListenerOptions {
  /** Absent: plain HTTP/1.1, for tests. */
  readonly tls: TlsOptions | undefined
  readonly onExchange: (exchange: Exchange) => void
  /** A TLS handshake failed. */
  readonly onHandshakeFailed?: () => void
  readonly clock: Clock
  /** Of one connection, default 1,000. */
  readonly maxStreams?: number
}

/** Per stream 256 KiB, per connection 25 MiB, and many streams: lingering watches must not starve a connection (upstream: 250). */
const streamWindowBytes = 256 * 1024
const connectionWindowBytes = 25 * 1024 * 1024
const maxHeaderBytes = 1024 * 1024

/** A header block of a few bytes may unfold to megabytes; the session itself counts headers, not bytes. */
function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, 0)
}

/** One TLS port for HTTP/2, HTTP/1.1 and upgrades; sockets are handed to the protocol that ALPN chose. */
export class Listener {
  readonly #servers: NetServer[] = []
  readonly #http1: Server
  readonly #http2: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()
  readonly #options: ListenerOptions
  readonly #certificates = new WeakMap<object, ClientCertificate | null>()
  #closing = false

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#http1 = this.#createHttp1()
    this.#http2 = this.#createHttp2()
  }

  async listen(address: string, port: number): Promise<AddressInfo> {
    const onSocket = (socket: Socket) => this.#onSocket(socket)
    const { tls } = this.#options
    const server =
      tls === undefined
        ? createTcpServer({ noDelay: true }, onSocket)
        : createTlsServer({ ...tls, ALPNProtocols: ['h2', 'http/1.1'], noDelay: true, minVersion: 'TLSv1.2' }, onSocket)
    // Clients that break off a handshake, and scanners: nothing to be done.
    server.on('tlsClientError', () => this.#options.onHandshakeFailed?.())
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address, port, backlog: 1024 }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#servers.push(server)
    return server.address() as AddressInfo
  }

  /** Takes no new connection, tells the present ones to go, and resolves when they have gone or `graceMs` is over. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
    for (const session of this.#sessions) session.close()
    this.#http1.closeIdleConnections()
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

  #createHttp1(): Server {
    const server = http.createServer({
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: 90_000,
      headersTimeout: 32_000,
      requestTimeout: 0,
      joinDuplicateHeaders: true,
    })
    server.timeout = 0
    const take = (request: IncomingMessage, response: ServerResponse, upgrade?: { socket: Duplex; head: Buffer }) => {
      const { socket } = request
      this.#options.onExchange(
        new Http1Exchange(request, response, {
          remoteAddress: socket.remoteAddress ?? '',
          clientCertificate: this.#certificateOf(socket),
          closing: () => this.#closing,
          upgrade,
        }),
      )
    }
    server.on('request', (request, response) => take(request, response))
    server.on('checkContinue', (request, response) => {
      response.writeContinue()
      take(request, response)
    })
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => {})
      const response = new http.ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket as Socket)
      response.on('finish', () => {
        if (response.statusCode !== 101) (socket as Socket).end()
      })
      take(request, response, { socket, head })
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
      else socket.destroy()
    })
    return server
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
      if (sizeOf(rawHeaders) > maxHeaderBytes) {
        stream.respond({ ':status': 431 }, { endStream: true })
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
