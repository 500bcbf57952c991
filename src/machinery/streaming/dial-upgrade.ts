import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { http } from '../node-http.ts'

export interface DialTarget {
  /** http: or https:, with path and query. */
  readonly url: URL
  readonly tls?: Pick<
    RequestOptions,
    'ca' | 'cert' | 'key' | 'servername' | 'checkServerIdentity' | 'rejectUnauthorized' | 'agent' | 'createConnection'
  >
  readonly signal?: AbortSignal
}

export interface Upgraded {
  readonly socket: Duplex
  readonly head: Buffer
  readonly headers: IncomingHttpHeaders
}

/** The server gave a plain answer instead of switching protocols. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'
  readonly status: number
  readonly body: string
  readonly contentType: string
  constructor(status: number, body: string, contentType: string) {
    super(`server refused to upgrade: ${status}: ${body.slice(0, 1024)}`)
    this.status = status
    this.body = body
    this.contentType = contentType
  }
}

/**
 * Asks a server to switch protocols. Only 101 counts: on any other answer the connection is closed and never used for
 * another request, so that nobody can smuggle one through it (security.md: upgrade and connection reuse).
 */
export function dialUpgrade(
  target: DialTarget,
  options: { upgrade: string; method?: string; headers?: Record<string, string | string[]> },
): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const secure = target.url.protocol === 'https:'
    const outgoing = (secure ? httpsRequest : http.request)(target.url, {
      method: options.method ?? 'POST',
      headers: { ...options.headers, Connection: 'Upgrade', Upgrade: options.upgrade },
      agent: false,
      signal: target.signal,
      ...target.tls,
    })
    outgoing.once('upgrade', (response: IncomingMessage, socket: Duplex, head: Buffer) =>
      resolve({ socket, head, headers: response.headers }),
    )
    outgoing.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= 64 * 1024) chunks.push(chunk)
        else response.destroy()
      })
      response.once('close', () => {
        outgoing.destroy()
        reject(
          new UpgradeRefused(
            response.statusCode ?? 0,
            Buffer.concat(chunks).toString(),
            response.headers['content-type'] ?? 'text/plain',
          ),
        )
      })
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}
