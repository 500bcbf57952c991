import type { KubeconfigWebhook } from '../../webhook/kubeconfig-webhook.ts'
import type { AuditFailures } from '../audit-metrics.ts'
import type { AuditEvent } from '../event.ts'

/**
 * Posts events as audit.k8s.io/v1 EventList (apiserver plugin/pkg/audit/webhook): hardly any failure is a reason not to try
 * again. Never rejects: what is lost is counted. `signal`: the server stops, nothing waits any more.
 */
export function deliverToWebhook(options: {
  readonly webhook: KubeconfigWebhook
  readonly initialBackoffMs: number
  readonly failures: AuditFailures
  readonly signal: AbortSignal
}): (events: readonly AuditEvent[]) => Promise<boolean> {
  const { webhook, initialBackoffMs, failures, signal } = options
  return async (events) => {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: events }
    const timeoutMs = signal.aborted ? 2000 : undefined
    try {
      await webhook.post(list, { initialBackoffMs, shouldRetry: () => true, timeoutMs, signal })
      return true
    } catch (error) {
      failures.failed('webhook', error, events)
      return false
    }
  }
}
