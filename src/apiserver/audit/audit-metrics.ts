import type { Logger } from '../../machinery/log.ts'
import type { Counter, Family, MetricsRegistry } from '../../machinery/metrics.ts'
import type { AuditEvent, AuditLevel } from './event.ts'

/** Told of events that a backend could not keep. */
export interface AuditFailures {
  failed(plugin: string, error: unknown, events: readonly AuditEvent[]): void
}

/** What is counted of audit, under upstream's names (apiserver pkg/audit/metrics.go). */
export class AuditMetrics implements AuditFailures {
  readonly #log: Logger
  readonly #events: Family<Counter>
  readonly #errors: Family<Counter>
  readonly #levels: Family<Counter>
  readonly #rejected: Family<Counter>

  constructor(metrics: MetricsRegistry, log: Logger) {
    this.#log = log
    this.#events = metrics.counter('apiserver_audit_event_total', 'Audit events that were handed to backends.')
    this.#errors = metrics.counter('apiserver_audit_error_total', 'Audit events that a backend could not keep.', [
      'plugin',
    ])
    this.#levels = metrics.counter(
      'apiserver_audit_level_total',
      'Requests by the level at which the policy has them told.',
      ['level'],
    )
    this.#rejected = metrics.counter(
      'apiserver_audit_requests_rejected_total',
      'Requests that were refused since nothing could be told of them.',
    )
  }

  event(): void {
    this.#events.labels().inc()
  }
  level(level: AuditLevel): void {
    this.#levels.labels(level).inc()
  }
  rejected(): void {
    this.#rejected.labels().inc()
  }
  failed(plugin: string, error: unknown, events: readonly AuditEvent[]): void {
    this.#errors.labels(plugin).inc(events.length)
    const auditIDs = events.slice(0, 10).map(({ auditID }) => auditID)
    this.#log.error('audit events could not be kept', { plugin, events: events.length, auditIDs, error })
  }
}
