import { Agent, request as httpsRequest } from 'node:https'
import type { Server } from './server.ts'

export interface Request {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Send = (request: Request) => Promise<Answer>

const timeoutMillis = 60_000

/** Sends requests as the user of the comparison over a few kept connections. */
export function clientOf(server: Server): { readonly send: Send; close(): void } {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ca: server.authorityPem,
    cert: server.clientCertificatePem,
    key: server.clientKeyPem,
  })
  const send: Send = ({ method, path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(
        body === undefined
          ? ''
          : typeof body === 'string'
            ? body
            : body instanceof Uint8Array
              ? body
              : JSON.stringify(body),
      )
      const sent = httpsRequest(
        {
          host: '127.0.0.1',
          port: server.port,
          agent,
          method,
          path,
          timeout: timeoutMillis,
          headers: {
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json', 'content-length': bytes.length }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: Object.fromEntries(
                Object.entries(response.headers).map(([name, value]) => [name, String(value ?? '')]),
              ),
              body: Buffer.concat(chunks).toString(),
            }),
          )
          response.on('error', reject)
        },
      )
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${timeoutMillis} ms`)))
      sent.on('error', reject)
      sent.end(bytes)
    })
  return { send, close: () => agent.destroy() }
}
