import type { OutgoingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { WebhookClientConfig } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { goUnmarshalName } from '../../../machinery/go-print.ts'
import { isObject } from '../../../machinery/json.ts'
import type { Random } from '../../../machinery/random.ts'
import { tlsTrust } from '../../../machinery/tls-trust.ts'
import type { Lister } from '../../lister.ts'
import { type ConnectionOptions, identityHeaders } from '../../../client/http/connection-options.ts'
import type { TraceContext } from '../../../machinery/tracing/trace-context.ts'
import { backendOf, type WebhookBackend } from './backend.ts'
import type { WebhookCredentials } from './credentials.ts'
import { statusText } from '../../connect/http-failure.ts'
import { connectionText } from '../../../machinery/connection-text.ts'

/** Answers are small: more than this is not read. */
const maxAnswerBytes = 3 * 1024 * 1024
const rememberedAgents = 100

/** Posts a review to a webhook and returns the decoded answer. Throws an Error with Go's words. */
export interface WebhookClient {
  post(config: WebhookClientConfig, review: object, timeoutSeconds: number, trace?: TraceContext): Promise<unknown>
  /** The same connections, but asking as somebody. */
  as(credentials: WebhookCredentials): WebhookClient
  close(): void
}

interface WebhookAnswer {
  readonly code: number
  readonly contentType: string
  readonly text: string
}

const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** An answer is an object; what is no JSON is taken for YAML first, to which every text is a value. */
function readReview(text: string): unknown {
  let value: unknown = text
  try {
    value = JSON.parse(text)
  } catch {
    // It is told as the text that it is.
  }
  if (isObject(value)) return value
  const why = `json: cannot unmarshal ${goUnmarshalName(value)} into Go value of type ${typeMeta}`
  throw new Error(`couldn't get version/kind; json parse error: ${why}`)
}

export function createWebhookClient(options: {
  readonly lister: Lister
  readonly clock: Clock
  readonly random: Random
}): WebhookClient {
  const { lister, clock, random } = options
  const agents = new Map<string, Agent>()

  /** Connections are kept per authority and identity: a changed caBundle counts at once. */
  function agentFor(caBundle: string, { cert, key }: Pick<ConnectionOptions, 'cert' | 'key'> = {}): Agent {
    const kept = cert === undefined ? caBundle : `${caBundle}\n${cert}`
    let agent = agents.get(kept)
    if (agent === undefined) {
      const own = caBundle === '' ? [] : [Buffer.from(caBundle, 'base64').toString('utf8')]
      const ca = own.length > 0 ? own : [...rootCertificates]
      agent = new Agent({ keepAlive: true, cert, key, ca, ...tlsTrust })
      const [oldest] = agents
      if (oldest !== undefined && agents.size >= rememberedAgents) {
        agents.delete(oldest[0])
        oldest[1].destroy()
      }
      agents.set(kept, agent)
    }
    return agent
  }

  function exchange(
    backend: WebhookBackend,
    agent: Agent,
    body: string,
    query: string,
    timeoutSeconds: number,
    headers: OutgoingHttpHeaders,
  ): Promise<WebhookAnswer> {
    const address = `${isIP(backend.host) === 6 ? `[${backend.host}]` : backend.host}:${backend.port}`
    return new Promise((resolve, reject) => {
      const separator = backend.path.includes('?') ? '&' : '?'
      const sent = httpsRequest({
        agent,
        method: 'POST',
        host: backend.host,
        port: backend.port,
        path: `${backend.path}${separator}${query}`,
        servername: isIP(backend.serverName) === 0 ? backend.serverName : '',
        headers: {
          host: `${backend.serverName}:${new URL(backend.url).port || 443}`,
          accept: 'application/json, */*',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'kube-apiserver-admission',
          ...headers,
        },
      })
      const cancel = clock.after(timeoutSeconds * 1000, () => {
        sent.destroy()
        reject(new Error('context deadline exceeded'))
      })
      const fail = (error: unknown) => {
        cancel()
        reject(new Error(connectionText(error, address, backend.serverName), { cause: error }))
      }
      sent.on('error', fail)
      // Redirects are answers like any other: nobody sends the server elsewhere (CVE-2020-8561).
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > maxAnswerBytes) {
            sent.destroy()
            fail(new Error(`response body is larger than ${maxAnswerBytes} bytes`))
          } else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('end', () => {
          cancel()
          resolve({
            code: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? 'application/json',
            text: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      sent.end(body)
    })
  }

  const clientAs = (credentials: WebhookCredentials): WebhookClient => ({
    as: clientAs,
    async post(config, review, timeoutSeconds, trace) {
      const { url, resolve } = backendOf(lister, random, config)
      const asked = new URL(url)
      const identity = credentials(`${asked.hostname}:${asked.port || 443}`)
      const query = `timeout=${timeoutSeconds}s`
      const shown = `${url}${url.includes('?') ? '&' : '?'}${query}`
      let answer: WebhookAnswer
      try {
        answer = await exchange(
          resolve(),
          agentFor(config.caBundle ?? '', identity),
          JSON.stringify(review),
          query,
          timeoutSeconds,
          { ...trace, ...(identity && (await identityHeaders(identity))) },
        )
      } catch (error) {
        throw new Error(`Post ${JSON.stringify(shown)}: ${(error as Error).message}`, { cause: error })
      }
      if (answer.code < 200 || answer.code > 206) throw new Error(statusText(answer.code, answer.text))
      if (answer.text === '')
        throw new Error(`0-length response with status code: ${answer.code} and content type: ${answer.contentType}`)
      return readReview(answer.text)
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  })
  return clientAs(() => undefined)
}
