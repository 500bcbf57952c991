import { createHmac, randomBytes } from 'node:crypto'
import type { TokenCacheMetrics } from '../../client/token-cache-metrics.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { AuthenticationResult } from './authenticator.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

const maxEntries = 32 * 1024

/**
 * Remembers the answers of an authenticator that is slow or far away, by a keyed digest of the token; those who ask for
 * the same at once share one question (apiserver pkg/authentication/token/cache). Errors are not remembered.
 */
export function createCachedTokenAuthenticator(
  inner: TokenAuthenticator,
  options: {
    readonly successMs: number
    readonly failureMs: number
    readonly clock: Clock
    readonly metrics: TokenCacheMetrics
  },
): TokenAuthenticator {
  const { successMs, failureMs, clock, metrics } = options
  const secret = randomBytes(32)
  const known = new Map<string, { readonly result: AuthenticationResult | undefined; readonly until: number }>()
  const asking = new Map<string, Promise<AuthenticationResult | undefined>>()

  function remember(key: string, result: AuthenticationResult | undefined): void {
    const ttl = result === undefined ? failureMs : successMs
    if (ttl <= 0) return
    known.delete(key)
    if (known.size >= maxEntries) known.delete(known.keys().next().value!)
    known.set(key, { result, until: clock.monotonic() + ttl })
  }

  return {
    name: inner.name,
    async authenticateToken(token, audiences) {
      const parts = [token, ...(audiences ?? [])]
      const hmac = createHmac('sha256', secret).update(`${audiences?.length ?? -1};`)
      for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
      const key = hmac.digest('base64')
      const entry = known.get(key)
      if (entry !== undefined && clock.monotonic() < entry.until) return metrics.asked(true, entry.result)
      let answer = asking.get(key)
      if (answer === undefined) {
        answer = metrics
          .fetch(() => inner.authenticateToken(token, audiences))
          .then((result) => {
            remember(key, result)
            return result
          })
          .finally(() => asking.delete(key))
        asking.set(key, answer)
      }
      return metrics.asked(false, answer)
    },
  }
}
