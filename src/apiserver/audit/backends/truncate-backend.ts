import type { AuditFailures } from '../audit-metrics.ts'
import { allKept, type AuditEvent, auditLevels, type AuditSink, type Kept } from '../event.ts'

/**
 * Keeps events and batches small: an event that is too large loses what was sent and answered; when that does not
 * help, it is lost (apiserver plugin/pkg/audit/truncate).
 */
export function createTruncateBackend(
  next: AuditSink,
  options: { readonly maxEventBytes: number; readonly maxBatchBytes: number; readonly failures: AuditFailures },
): AuditSink {
  const { maxEventBytes, maxBatchBytes, failures } = options
  const sizeOf = (event: AuditEvent) => Buffer.byteLength(JSON.stringify(event))
  return {
    process(events) {
      const kept: Kept[] = []
      let batch: AuditEvent[] = []
      let batchBytes = 0
      for (let event of events) {
        let size = sizeOf(event)
        if (size > maxEventBytes && auditLevels.indexOf(event.level) >= auditLevels.indexOf('Request')) {
          event = truncated(event)
          size = sizeOf(event)
        }
        if (size > maxEventBytes) {
          failures.failed('truncate', new Error('event is too large even after truncating'), [event])
          continue
        }
        if (batch.length > 0 && batchBytes + size > maxBatchBytes) {
          kept.push(next.process(batch))
          batch = []
          batchBytes = 0
        }
        batch.push(event)
        batchBytes += size
      }
      if (batch.length > 0) kept.push(next.process(batch))
      return allKept(kept)
    },
    close: () => next.close(),
  }
}

function truncated(event: AuditEvent): AuditEvent {
  const annotations = { ...event.annotations, 'audit.k8s.io/truncated': 'true' }
  return { ...event, requestObject: undefined, responseObject: undefined, annotations }
}
