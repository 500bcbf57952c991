import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** An HTTP/1.1 request that asks to change the protocol: what node's `upgrade` event gives. */
export interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** Bytes that came behind the headers. */
  readonly head: Buffer
}

/** The upgrades that are served and proxied; all others are refused. */
export type UpgradeProtocol = 'SPDY/3.1' | 'websocket'

export function upgradeProtocol(request: IncomingMessage): UpgradeProtocol | undefined {
  const asks = /\bupgrade\b/i.test(request.headers.connection ?? '')
  const protocol = request.headers.upgrade?.toLowerCase()
  if (!asks) return undefined
  return protocol === 'spdy/3.1' ? 'SPDY/3.1' : protocol === 'websocket' ? 'websocket' : undefined
}

/** Answers an upgrade request with a plain HTTP error and closes. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  reason: string,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  socket.on('error', () => {})
  const length = Buffer.byteLength(body)
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: ${contentType}\r\nContent-Length: ${length}\r\n\r\n${body}`,
  )
}

/** The first of the server's protocols that the client offers in X-Stream-Protocol-Version (httpstream.Handshake). */
export function negotiateStreamProtocol(request: IncomingMessage, supported: readonly string[]): string | undefined {
  const header = request.headers['x-stream-protocol-version']
  const offered = (Array.isArray(header) ? header : [header ?? ''])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean)
  return supported.find((protocol) => offered.includes(protocol))
}

/** Switches the socket to SPDY/3.1; `protocol` is the negotiated stream protocol, if the client asked for one. */
export function acceptSpdy(socket: Duplex, protocol: string | undefined): void {
  const stream = protocol === undefined ? '' : `X-Stream-Protocol-Version: ${protocol}\r\n`
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${stream}\r\n`)
}
