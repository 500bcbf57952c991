import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { upgradeProtocol } from '../../machinery/streaming/upgrade.ts'
import { http } from '../../machinery/node-http.ts'
import type { ClientCertificate } from '../authentication/authenticator.ts'
import { Http1Exchange } from './http1-exchange.ts'
import { refusalOf, refusalOfError } from './refused-request.ts'

export interface Http1Options {
  readonly maxHeaderBytes: number
  /** Until the headers of a request are there; looked after a third as often. */
  readonly patienceMs: number
  readonly onExchange: (exchange: Http1Exchange) => void
  readonly certificateOf: (socket: Socket) => ClientCertificate | undefined
  readonly date: () => string
  /** Whether the server stops: connections are not kept alive then. */
  readonly closing: () => boolean
}

type Taking = Partial<Pick<ConstructorParameters<typeof Http1Exchange>[2], 'upgrade' | 'expectsContinue' | 'isLast'>>

/** HTTP/1.1 on sockets that it is handed, as strict as Go's net/http where Node.js is laxer. */
export function createHttp1Server(options: Http1Options): Server {
  const server = http.createServer({
    maxHeaderSize: options.maxHeaderBytes,
    keepAliveTimeout: 90_000,
    headersTimeout: options.patienceMs,
    connectionsCheckingInterval: Math.ceil(options.patienceMs / 3),
    requestTimeout: 0,
    joinDuplicateHeaders: true,
    // Refused below, in Go's words.
    requireHostHeader: false,
    // To anything else nobody is upgraded: the request is answered as if it had not asked.
    shouldUpgradeCallback: (request) => upgradeProtocol(request) !== undefined,
  })
  server.timeout = 0
  // It is handed its sockets and never listens, without which it would not look after those that are slow or idle.
  server.emit('listening')
  /** The bytes of headers are bounded, which bounds their number. */
  server.maxHeadersCount = 0
  /** The last answer of a connection whose requests came one behind the other. */
  const latest = new WeakMap<Duplex, ServerResponse>()
  const take = (request: IncomingMessage, response: ServerResponse, taking: Taking = {}) => {
    const { socket } = request
    const refusal = refusalOf(request)
    if (refusal !== undefined) return refuse(socket, refusal)
    latest.set(socket, response)
    // Node.js loses what comes at once behind an upgrade that it does not give.
    const isLast = !!request.headers.upgrade && /\bupgrade\b/i.test(request.headers.connection ?? '')
    options.onExchange(
      new Http1Exchange(request, response, {
        remoteAddress: socket.remoteAddress ?? '',
        clientCertificate: options.certificateOf(socket),
        closing: options.closing,
        date: options.date,
        isLast,
        ...taking,
      }),
    )
  }
  /** After the answers to what came before it. */
  const refuse = (socket: Duplex, text: string) => {
    const before = latest.get(socket)
    const end = () => {
      if (socket.writable) socket.end(text)
      else socket.destroy()
    }
    if (before === undefined || before.writableFinished || before.destroyed || !before.req.complete) end()
    else before.once('close', end)
  }
  const takeSocket = (request: IncomingMessage, socket: Duplex, taking: Taking) => {
    socket.on('error', () => {})
    const response = new http.ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket)
    response.on('finish', () => {
      if (response.statusCode !== 101) socket.end()
    })
    take(request, response, taking)
  }
  server.on('request', (request, response) => take(request, response))
  server.on('checkContinue', (request, response) => take(request, response, { expectsContinue: true }))
  server.on('checkExpectation', (request, response) => {
    if (request.headers.expect === '') return take(request, response)
    const date = `Date: ${options.date()}\r\n`
    return refuse(
      request.socket,
      `HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\n${date}Content-Length: 0\r\n\r\n`,
    )
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    takeSocket(request, socket, { upgrade: { socket, head } }),
  )
  // There is no tunnel; what else could be meant is answered, as upstream does.
  server.on('connect', (request: IncomingMessage, socket: Duplex) => takeSocket(request, socket, { isLast: true }))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // As upstream, which tells those who send nothing nothing.
    if (error.code === 'ECONNRESET' || error.code === 'ERR_HTTP_REQUEST_TIMEOUT') socket.destroy()
    else refuse(socket, refusalOfError(error))
  })
  return server
}
