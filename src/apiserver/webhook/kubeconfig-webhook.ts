import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { connectionOf, parseKubeconfig } from '../../client/http/kubeconfig.ts'
import { httpTransport } from '../../client/http/http-transport.ts'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { ApiError } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Random } from '../../machinery/random.ts'
import { connectionText } from '../../machinery/connection-text.ts'

/** A call may last so long where nothing else is said (apiserver pkg/util/webhook defaultRequestTimeout). */
const defaultTimeoutMs = 30_000
/** Calls are repeated so often, each time after 1.5 times as long. */
const attempts = 5

export interface PostOptions {
  readonly timeoutMs?: number
  /** Default: failures that pass by themselves, as far as one can tell (DefaultShouldRetry). */
  readonly shouldRetry?: (error: unknown) => boolean
  readonly initialBackoffMs?: number
  /** Aborted: this attempt is the last. */
  readonly signal?: AbortSignal
}

/** A service that answers reviews, found by a kubeconfig: its cluster is the service, its user is this server there. */
export interface KubeconfigWebhook {
  /** The service's URL. */
  readonly server: string
  /** Resolves with the decoded answer. Rejects with an ApiError, or an Error in Go's words. Redirects are not followed. */
  post(review: object, options?: PostOptions): Promise<unknown>
  close(): Promise<void>
}

/** Throws an Error that says what is wrong with the file. */
export function createKubeconfigWebhook(options: {
  readonly path: string
  readonly clock: Clock
  readonly random: Random
  readonly userAgent?: string
}): KubeconfigWebhook {
  const { path, clock, random, userAgent = 'kube-apiserver' } = options
  const connection = connectionOf(parseKubeconfig(readFileSync(path, 'utf8')), { folder: dirname(path), clock })
  const url = new URL(connection.server)
  const transport = httpTransport({ ...connection, userAgent, clock })
  const requestPath = url.pathname.replace(/\/$/, '') === '' ? '/' : ''

  async function once(review: object, timeoutMs: number): Promise<unknown> {
    const deadline = new AbortController()
    const cancel = clock.after(timeoutMs, () => deadline.abort(new Error('context deadline exceeded')))
    try {
      const { signal } = deadline
      return (await transport.request({ method: 'POST', path: requestPath, body: review, signal })).body
    } catch (error) {
      if (error instanceof ApiError) throw error
      const port = url.port || (url.protocol === 'http:' ? '80' : '443')
      const why = deadline.signal.aborted
        ? 'context deadline exceeded'
        : connectionText(error, `${url.hostname}:${port}`, url.hostname)
      throw new Error(`Post ${goQuote(connection.server)}: ${why}`, { cause: error })
    } finally {
      cancel()
    }
  }

  return {
    server: connection.server,
    async post(
      review,
      { timeoutMs = defaultTimeoutMs, shouldRetry = isTransient, initialBackoffMs = 500, signal } = {},
    ) {
      let delayMs = initialBackoffMs
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(review, timeoutMs)
        } catch (error) {
          if (attempt === attempts || signal?.aborted === true || !shouldRetry(error)) throw error
          // Aborted while waiting: one attempt more, at once.
          await sleep(clock, delayMs * (1 + random.float() * 0.2), signal).catch(() => {})
          delayMs *= 1.5
        }
      }
    },
    close: () => transport.close(),
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof ApiError)
    return (
      ['InternalError', 'Timeout', 'TooManyRequests', 'ServerTimeout'].includes(error.reason) ||
      error.status.details?.retryAfterSeconds !== undefined
    )
  const { code } = ((error as Error).cause ?? {}) as { code?: string }
  return code === 'ECONNRESET' || code?.startsWith('ERR_HTTP2_') === true
}
