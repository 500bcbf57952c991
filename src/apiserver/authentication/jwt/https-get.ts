import { Agent, request } from 'node:https'
import type { Clock } from '../../../machinery/clock.ts'
import { connectionText } from '../../connect/http-failure.ts'

const maxBytes = 1024 * 1024
const timeoutMs = 30_000

/** Reads JSON from a URL over TLS. Rejects with an Error in Go's words. Redirects are not followed. */
export interface HttpsGet {
  json(url: string): Promise<unknown>
  close(): void
}

/** `ca`: PEM; absent: the authorities that the system trusts. */
export function createHttpsGet(options: { readonly ca?: string; readonly clock: Clock }): HttpsGet {
  const agent = new Agent({ keepAlive: true, ca: options.ca })
  return {
    json: (url) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url)
        const fail = (why: string, cause?: unknown) =>
          reject(new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause }))
        const sent = request(url, { agent, headers: { accept: 'application/json' } })
        const cancel = options.clock.after(timeoutMs, () => {
          sent.destroy()
          fail('context deadline exceeded')
        })
        sent.on('error', (error) => {
          cancel()
          fail(connectionText(error, `${hostname}:${port || 443}`, hostname), error)
        })
        sent.on('response', (response) => {
          const chunks: Buffer[] = []
          let length = 0
          response.on('data', (chunk: Buffer) => {
            length += chunk.length
            if (length > maxBytes) sent.destroy(new Error(`response body is larger than ${maxBytes} bytes`))
            else chunks.push(chunk)
          })
          response.on('end', () => {
            cancel()
            const text = Buffer.concat(chunks).toString('utf8')
            if (response.statusCode !== 200) return reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`))
            try {
              resolve(JSON.parse(text) as unknown)
            } catch {
              reject(new Error(`expected Content-Type = application/json, got ${response.headers['content-type']}`))
            }
          })
        })
        sent.end()
      }),
    close: () => agent.destroy(),
  }
}
