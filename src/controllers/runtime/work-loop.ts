import { WorkQueue } from '../../client/work-queue.ts'
import { ApiError, isReason } from '../../machinery/errors.ts'
import { type ControllerContext, type RunningController, TerminalError } from './controller.ts'

export interface WorkLoopOptions {
  readonly workers?: number
  /**
   * Handles one key. Never called twice at once for one key. Throws to be called again after a backoff; `retry` asks for
   * the same without anything being wrong.
   */
  readonly sync: (key: string) => Promise<{ readonly requeueAfterMs?: number; readonly retry?: boolean } | void>
  /** Resolves when the caches that `sync` reads are there. */
  readonly ready: (signal: AbortSignal) => Promise<unknown>
  /** At most so many syncs of one key: a burst, then so many a second. Bounds status writes while much changes. */
  readonly pace?: { readonly perSecond: number; readonly burst: number }
}

export interface WorkLoop extends RunningController {
  readonly queue: WorkQueue<string>
}

/**
 * The one loop of all controllers: takes keys from a queue, and decides about retry, backoff and giving up. What one
 * object does never stops it.
 */
export function startWorkLoop(context: ControllerContext, options: WorkLoopOptions): WorkLoop {
  const { clock, log, metrics } = context
  const { workers = 5, sync, ready, pace = { perSecond: 20, burst: 20 } } = options
  const queue = new WorkQueue<string>({ clock, metrics })
  const stopped = new AbortController()
  const limit = pacer(() => clock.monotonic(), pace)

  const work = async () => {
    for (;;) {
      const key = await queue.next()
      if (key === undefined) return
      const waitMs = limit(key)
      if (waitMs > 0) {
        queue.addAfter(key, waitMs)
        queue.done(key)
        continue
      }
      try {
        const result = await sync(key)
        if (result?.retry) {
          queue.addRateLimited(key)
          continue
        }
        queue.forget(key)
        if (result?.requeueAfterMs !== undefined) queue.addAfter(key, Math.max(0, result.requeueAfterMs))
      } catch (error) {
        if (stopped.signal.aborted) return
        if (error instanceof TerminalError) {
          queue.forget(key)
          log.warn('giving up', { key, error: error.message })
        } else {
          // What others write or delete meanwhile is no trouble; programming errors should be seen with their stack.
          if (isReason(error, 'Conflict', 'NotFound'))
            log.debug('sync was overtaken, trying again', { key, error: error.message })
          else if (error instanceof ApiError) log.info('sync failed, trying again', { key, error: error.message })
          else log.warn('sync failed, trying again', { key, error })
          queue.addRateLimited(key)
        }
      } finally {
        queue.done(key)
      }
    }
  }

  let started = false
  const running = ready(stopped.signal).then(
    async () => {
      started = true
      await Promise.all(Array.from({ length: workers }, work))
    },
    (error: unknown) => {
      if (!stopped.signal.aborted) log.error('controller did not start', { error })
    },
  )

  return {
    queue,
    get idle() {
      return started && queue.idle
    },
    async stop() {
      stopped.abort()
      queue.close()
      await running
    },
  }
}

/** How long a key has to wait before it is worked on again. */
function pacer(now: () => number, { perSecond, burst }: { perSecond: number; burst: number }) {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (key: string): number => {
    const at = now()
    const bucket = buckets.get(key) ?? { tokens: burst, at }
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
    bucket.at = at
    // Whoever was quiet long enough for a full bucket need not be remembered.
    if (buckets.size > 4096)
      for (const [other, { tokens, at: since }] of buckets)
        if (tokens + ((at - since) / 1000) * perSecond >= burst) buckets.delete(other)
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000) + 1
    bucket.tokens--
    return 0
  }
}
