import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import { readText } from '../options/config-file.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { createKubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'
import type { AuditMetrics } from './audit-metrics.ts'
import { createBatchBackend } from './backends/batch-backend.ts'
import { createAuditFileBackend, createAuditStreamBackend } from './backends/file-backend.ts'
import { createTruncateBackend } from './backends/truncate-backend.ts'
import { createLenientBackend, createUnionBackend } from './backends/union-backend.ts'
import { deliverToWebhook } from './backends/webhook-backend.ts'
import type { AuditSink } from './event.ts'
import type { AuditPolicy } from './policy.ts'
import { readAuditPolicy } from './read-policy.ts'

interface Services {
  readonly clock: Clock
  readonly random: Random
  readonly metrics: AuditMetrics
}
const mebibyte = 1024 * 1024

/**
 * Audit as the --audit-… flags ask for it; undefined: without a policy and a backend nothing is told (apiserver
 * pkg/server/options/audit.go). Throws an Error that says what is wrong.
 */
export function configureAudit(
  values: ServerOptionValues,
  services: Services,
): { readonly policy: AuditPolicy; readonly sink: AuditSink; readonly metrics: AuditMetrics } | undefined {
  const policyFile = values['audit-policy-file']
  const toFile = values['audit-log-path']
  const toWebhook = values['audit-webhook-config-file']
  if (policyFile === undefined) return undefined
  const policy = readPolicyFile(policyFile)
  const sinks = [
    ...(toFile === undefined ? [] : [logBackend(toFile, values, services)]),
    ...(toWebhook === undefined ? [] : [webhookBackend(toWebhook, values, services)]),
  ]
  return sinks.length === 0 ? undefined : { policy, sink: createUnionBackend(sinks), metrics: services.metrics }
}

function readPolicyFile(path: string): AuditPolicy {
  try {
    return readAuditPolicy(readText(path))
  } catch (error) {
    throw new Error(`loading audit policy file: ${(error as Error).message}: from file ${path}`, { cause: error })
  }
}

function logBackend(path: string, values: ServerOptionValues, services: Services): AuditSink {
  const { clock, metrics } = services
  const file =
    path === '-'
      ? createAuditStreamBackend((text) => void process.stdout.write(text))
      : createAuditFileBackend({
          path,
          clock,
          failures: metrics,
          maxBytes: (values['audit-log-maxsize'] ?? 100) * mebibyte,
          maxBackups: values['audit-log-maxbackup'] ?? 100,
          maxAgeDays: values['audit-log-maxage'] ?? 366,
          compress: values['audit-log-compress'],
        })
  const mode = values['audit-log-mode'] ?? 'blocking'
  const backend =
    mode === 'blocking-strict'
      ? file
      : mode === 'blocking'
        ? createLenientBackend(file)
        : createBatchBackend({
            bufferSize: values['audit-log-batch-buffer-size'] ?? 10_000,
            maxBatchSize: 1,
            maxWaitMs: 0,
            deliver: async (events) => file.process(events),
            closed: () => file.close(),
            clock,
            failures: metrics,
          })
  if (values['audit-log-truncate-enabled'] !== true) return backend
  return createTruncateBackend(backend, {
    maxEventBytes: values['audit-log-truncate-max-event-size'] ?? 100 * 1024,
    maxBatchBytes: 10 * mebibyte,
    failures: metrics,
  })
}

function webhookBackend(path: string, values: ServerOptionValues, services: Services): AuditSink {
  const { clock, random, metrics } = services
  let webhook: ReturnType<typeof createKubeconfigWebhook>
  try {
    webhook = createKubeconfigWebhook({ path, clock, random })
  } catch (error) {
    throw new Error(`initializing audit webhook: ${(error as Error).message}`, { cause: error })
  }
  const stopping = new AbortController()
  const initialBackoffMs = (values['audit-webhook-initial-backoff'] ?? 10) * 1000
  const batches = createBatchBackend({
    bufferSize: values['audit-webhook-batch-buffer-size'] ?? 10_000,
    maxBatchSize: values['audit-webhook-batch-max-size'] ?? 400,
    maxWaitMs: (values['audit-webhook-batch-max-wait'] ?? 30) * 1000,
    throttle:
      values['audit-webhook-batch-throttle-enable'] === false
        ? undefined
        : {
            perSecond: values['audit-webhook-batch-throttle-qps'] ?? 10,
            burst: values['audit-webhook-batch-throttle-burst'] ?? 15,
          },
    deliver: deliverToWebhook({ webhook, initialBackoffMs, failures: metrics, signal: stopping.signal }),
    closed: () => webhook.close(),
    clock,
    failures: metrics,
  })
  const backend: AuditSink = {
    process: (events) => batches.process(events),
    close() {
      stopping.abort()
      return batches.close()
    },
  }
  if (values['audit-webhook-truncate-enabled'] !== true) return backend
  return createTruncateBackend(backend, {
    maxEventBytes: values['audit-webhook-truncate-max-event-size'] ?? 100 * 1024,
    maxBatchBytes: values['audit-webhook-truncate-max-batch-size'] ?? 10 * mebibyte,
    failures: metrics,
  })
}
