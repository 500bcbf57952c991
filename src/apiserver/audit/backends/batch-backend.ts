import { TokenBucket } from '../../../client/token-bucket.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { AuditFailures } from '../audit-metrics.ts'
import type { AuditEvent, AuditSink } from '../event.ts'

export interface BatchOptions {
  /** How many events may wait; what comes beyond is lost, and counted. */
  readonly bufferSize: number
  readonly maxBatchSize: number
  /** A batch that is not full goes out after so long. */
  readonly maxWaitMs: number
  /** Batches per second; absent: no limit. */
  readonly throttle?: { readonly perSecond: number; readonly burst: number }
}

/**
 * Hands events on in batches, so that no request waits for a slow backend (apiserver plugin/pkg/audit/buffered). What
 * still waits when it is closed goes out before `close` resolves.
 */
export function createBatchBackend(
  options: BatchOptions & {
    readonly deliver: (events: readonly AuditEvent[]) => Promise<unknown>
    readonly clock: Clock
    readonly failures: AuditFailures
    readonly closed?: () => void | Promise<void>
  },
): AuditSink {
  const { bufferSize, maxBatchSize, maxWaitMs, throttle, deliver, clock, failures } = options
  const bucket = throttle && new TokenBucket(clock, throttle)
  const underWay = new Set<Promise<unknown>>()
  let waiting: AuditEvent[] = []
  let closed = false
  let cancelFlush: (() => void) | undefined
  let cancelThrottle: (() => void) | undefined

  function send(batch: readonly AuditEvent[]): void {
    const sending: Promise<unknown> = deliver(batch).finally(() => underWay.delete(sending))
    underWay.add(sending)
  }
  /** `all`: a batch that is not full goes out, too. */
  function flush(all: boolean): void {
    while (waiting.length >= maxBatchSize || (all && waiting.length > 0)) {
      if (cancelThrottle !== undefined) return
      const delayMs = closed ? 0 : (bucket?.reserve() ?? 0)
      const batch = waiting.slice(0, maxBatchSize)
      if (delayMs > 0) {
        // The place of this batch is reserved: what waits goes on filling it until it is due.
        cancelThrottle = clock.after(delayMs, () => {
          cancelThrottle = undefined
          send(waiting.splice(0, maxBatchSize))
          flush(false)
        })
        return
      }
      waiting = waiting.slice(batch.length)
      send(batch)
    }
    if (waiting.length === 0) {
      cancelFlush?.()
      cancelFlush = undefined
    } else
      cancelFlush ??= clock.after(maxWaitMs, () => {
        cancelFlush = undefined
        flush(true)
      })
  }

  return {
    process(events) {
      const room = closed ? 0 : Math.max(0, bufferSize - waiting.length)
      waiting.push(...events.slice(0, room))
      if (events.length > room)
        failures.failed(
          'buffered',
          new Error(closed ? 'audit backend shut down' : 'audit buffer queue blocked'),
          events.slice(room),
        )
      flush(false)
      return true
    },
    async close() {
      closed = true
      cancelThrottle?.()
      cancelThrottle = undefined
      flush(true)
      await Promise.allSettled(underWay)
      await options.closed?.()
    },
  }
}
