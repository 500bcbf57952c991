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
    this.#events = metrics.counter(
      'apiserver_audit_event_total',
      'Counter of audit events generated and sent to the audit backend.',
    )
    this.#errors = metrics.counter(
      'apiserver_audit_error_total',
      'Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.',
      ['plugin'],
    )
    this.#levels = metrics.counter(
      'apiserver_audit_level_total',
      'Counter of policy levels for audit events (1 per request).',
      ['level'],
    )
    this.#rejected = metrics.counter(
      'apiserver_audit_requests_rejected_total',
      'Counter of apiserver requests rejected due to an error in audit logging backend.',
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
