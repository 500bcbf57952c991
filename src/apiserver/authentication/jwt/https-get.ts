import { Agent, request } from 'node:https'
import type { Clock } from '../../../machinery/clock.ts'
import { tlsTrust } from '../../../machinery/tls-trust.ts'
import { connectionText } from '../../../machinery/connection-text.ts'

const maxBytes = 1024 * 1024
const timeoutMs = 30_000

/** Reads from URLs over TLS. Rejects with an Error in Go's words. Redirects are not followed. */
export interface HttpsGet {
  json(url: string): Promise<unknown>
  /** What is there, to the bearer of a token ('': to anybody). */
  text(url: string, bearer: string): Promise<string>
  close(): void
}

interface Answer {
  readonly status: number
  readonly statusText: string
  readonly contentType: string | undefined
  readonly text: string
}

/** `ca`: PEM; absent: the authorities that the system trusts. */
export function createHttpsGet(options: { readonly ca?: string; readonly clock: Clock }): HttpsGet {
  const agent = new Agent({ keepAlive: true, ca: options.ca, ...tlsTrust })

  const get = (url: string, headers: Record<string, string>) =>
    new Promise<Answer>((resolve, reject) => {
      const { hostname, port } = new URL(url)
      const fail = (why: string, cause?: unknown) => reject(new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause }))
      const sent = request(url, { agent, headers })
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
          resolve({
            status: response.statusCode!,
            statusText: `${response.statusCode} ${response.statusMessage}`,
            contentType: response.headers['content-type'],
            text: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      sent.end()
    })

  return {
    async json(url) {
      const { status, contentType, text } = await get(url, { accept: 'application/json' })
      if (status !== 200) throw new Error(`${status}: ${text.slice(0, 200)}`)
      try {
        return JSON.parse(text) as unknown
      } catch {
        throw new Error(`expected Content-Type = application/json, got ${contentType}`)
      }
    },
    async text(url, bearer) {
      const { status, statusText, text } = await get(url, bearer === '' ? {} : { authorization: `Bearer ${bearer}` })
      if (status !== 200) throw new Error(statusText)
      return text
    },
    close: () => agent.destroy(),
  }
}
