import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { http } from '../../machinery/node-http.ts'
import type { DialTarget } from '../../machinery/streaming/dial-upgrade.ts'
import type { Exchange } from '../http/exchange.ts'
import { answeredHeaders } from './proxy-headers.ts'

export interface ForwardOptions {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the request's body goes along. */
  readonly body: boolean
}

/** Sends a request to a backend; rejects when no answer comes. The caller reads or destroys the answer. */
export function askBackend(
  exchange: Exchange,
  target: DialTarget,
  { method, headers, body }: ForwardOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = target.url.protocol === 'https:'
    const outgoing = (secure ? httpsRequest : http.request)(target.url, {
      method,
      headers,
      agent: false,
      signal: exchange.signal,
      ...target.tls,
    })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    // A backend that switches protocols without being asked is cut (security.md: upgrade and connection reuse).
    outgoing.once('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('the backend switched protocols unasked'))
    })
    if (body) pipeline(exchange.readable, outgoing).catch(reject)
    else outgoing.end()
  })
}

/** Streams a backend's answer to the caller as it comes. */
export async function relayAnswer(
  exchange: Exchange,
  answer: IncomingMessage,
  headers: Readonly<Record<string, string>> = answeredHeaders(answer.headers),
): Promise<void> {
  const sink = exchange.stream(answer.statusCode ?? 502, headers)
  await pipeline(answer, sink.writable).catch(() => sink.destroy())
}
