import { sleep } from '../../machinery/clock.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../transport.ts'
import { type HttpTransportOptions, identityHeaders } from './connection-options.ts'
import type { Exchange, WireRequest, WireResponse } from './exchange.ts'
import { negotiatedExchange } from './negotiated-exchange.ts'
import { responseError } from './response-error.ts'
import { watchStream } from './watch-stream.ts'

export interface HttpTransport extends Transport {
  /** The answer's body as it arrives, e.g. followed logs. Throws as `request` does. */
  stream(request: ApiRequest): Promise<{ headers: Readonly<Record<string, string>>; body: AsyncIterable<Uint8Array> }>
}

/** How often a request is repeated that the server sent away with Retry-After (client-go rest.Request). */
const maxRetries = 10

/** Speaks to any Kubernetes over HTTP/2 or 1.1, in JSON. Transports that differ in headers only can share an exchange. */
export function httpTransport(
  options: HttpTransportOptions,
  exchange: Exchange = negotiatedExchange(options),
): HttpTransport {
  const { clock, userAgent } = options
  const base = new URL(options.server).pathname.replace(/\/$/, '')

  const open = async (request: ApiRequest, accept: string): Promise<WireResponse> => {
    const { method, signal } = request
    const wire: Omit<WireRequest, 'headers'> = {
      method,
      path: base + request.path + queryText(request.query),
      body: encodeBody(request.body),
      signal,
    }
    for (let retries = 0; ; retries++) {
      signal?.throwIfAborted()
      const headers: Record<string, string | string[]> = {
        accept: request.accept ?? accept,
        'user-agent': userAgent,
        ...(await identityHeaders(options)),
      }
      if (wire.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json'
      let response: WireResponse
      try {
        response = await exchange.send({ ...wire, headers })
      } catch (error) {
        // A kept connection may have died unnoticed; to read again harms nobody.
        if (method !== 'GET' || retries > 0 || signal?.aborted || !isConnectionLost(error)) throw error
        continue
      }
      if (response.status >= 200 && response.status < 300) return response
      if (response.status === 401) options.tokenRefused?.()
      const text = await readText(response.body)
      const retryAfter = Number.parseInt(response.headers['retry-after'] ?? '', 10)
      const again = (response.status === 429 || response.status >= 500) && retryAfter >= 0 && retries < maxRetries
      if (!again)
        throw responseError(
          method,
          response.status,
          decode(text, response.headers),
          Number.isNaN(retryAfter) ? undefined : retryAfter,
        )
      await sleep(clock, retryAfter * 1000, signal)
    }
  }

  return {
    async request(request: ApiRequest): Promise<ApiResponse> {
      const response = await open(request, 'application/json')
      const { status, headers } = response
      return { status, headers, body: decode(await readText(response.body), headers) }
    },
    async watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>> {
      const query = { ...request.query, watch: 'true' }
      const response = await open({ ...request, query }, 'application/json')
      return watchStream(response.body, request.signal)
    },
    async stream(request: ApiRequest) {
      const { headers, body } = await open(request, '*/*')
      return { headers, body }
    },
    close: () => exchange.close(),
  }
}

function encodeBody(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body
  return JSON.stringify(body)
}

function queryText(query: ApiRequest['query']): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (typeof value === 'string') parameters.append(name, value)
    else for (const item of value ?? []) parameters.append(name, item)
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return (chunks.length === 1 ? Buffer.from(chunks[0]!) : Buffer.concat(chunks)).toString()
}

function decode(text: string, headers: Readonly<Record<string, string>>): unknown {
  if (text === '' || !/^application\/([\w.-]+\+)?json/.test(headers['content-type'] ?? '')) return text
  return deepFreeze(JSON.parse(text) as unknown)
}

function isConnectionLost(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  const lost = ['ECONNRESET', 'EPIPE', 'ERR_HTTP2_STREAM_CANCEL', 'ERR_HTTP2_SESSION_ERROR', 'ERR_HTTP2_STREAM_ERROR']
  return lost.includes(code) || (error instanceof Error && /connection|session/.test(error.message) && code === '')
}
