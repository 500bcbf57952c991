import type { Clock } from '../machinery/clock.ts'
import type { Random } from '../machinery/random.ts'

/**
 * Delays in ms that double from `baseMs` to `capMs`, each with up to 100 % of jitter; after `resetMs` without a call it
 * starts over (client-go: wait.Backoff with jitter 1.0).
 */
export function createBackoff(options: {
  readonly clock: Clock
  readonly random: Random
  readonly baseMs: number
  readonly capMs: number
  readonly resetMs: number
}): () => number {
  const { clock, random, baseMs, capMs, resetMs } = options
  let delayMs = baseMs
  let last = -Infinity
  return () => {
    const now = clock.monotonic()
    if (now - last > resetMs) delayMs = baseMs
    last = now
    const result = Math.min(delayMs, capMs) * (1 + random.float())
    delayMs = Math.min(delayMs * 2, capMs)
    return result
  }
}
