import { Agent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { WebhookClientConfig } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { goUnmarshalName } from '../../../machinery/go-print.ts'
import { isObject } from '../../../machinery/json.ts'
import type { Random } from '../../../machinery/random.ts'
import type { Lister } from '../../lister.ts'
import type { TraceContext } from '../../tracing/trace-context.ts'
import { backendOf, type WebhookBackend } from './backend.ts'
import { connectionText, statusText } from '../../connect/http-failure.ts'

/** Answers are small: more than this is not read. */
const maxAnswerBytes = 3 * 1024 * 1024
const rememberedAgents = 100

/** Posts a review to a webhook and returns the decoded answer. Throws an Error with Go's words. */
export interface WebhookClient {
  post(config: WebhookClientConfig, review: object, timeoutSeconds: number, trace?: TraceContext): Promise<unknown>
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

  /** Connections are kept per authority: a changed caBundle counts at once. */
  function agentFor(caBundle: string): Agent {
    let agent = agents.get(caBundle)
    if (agent === undefined) {
      const own = caBundle === '' ? [] : [Buffer.from(caBundle, 'base64').toString('utf8')]
      agent = new Agent({ keepAlive: true, ca: own.length > 0 ? own : [...rootCertificates] })
      const [oldest] = agents
      if (oldest !== undefined && agents.size >= rememberedAgents) {
        agents.delete(oldest[0])
        oldest[1].destroy()
      }
      agents.set(caBundle, agent)
    }
    return agent
  }

  function exchange(
    backend: WebhookBackend,
    agent: Agent,
    body: string,
    query: string,
    timeoutSeconds: number,
    trace: TraceContext | undefined,
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
          ...trace,
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

  return {
    async post(config, review, timeoutSeconds, trace) {
      const { url, resolve } = backendOf(lister, random, config)
      const query = `timeout=${timeoutSeconds}s`
      const shown = `${url}${url.includes('?') ? '&' : '?'}${query}`
      let answer: WebhookAnswer
      try {
        answer = await exchange(
          resolve(),
          agentFor(config.caBundle ?? ''),
          JSON.stringify(review),
          query,
          timeoutSeconds,
          trace,
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
  }
}
