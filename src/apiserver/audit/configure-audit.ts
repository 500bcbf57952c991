import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import { readText } from '../options/config-file.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { createKubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'
import type { AuditMetrics } from './audit-metrics.ts'
import { createBatchBackend } from './backends/batch-backend.ts'
import { createAuditFileBackend, createAuditStreamBackend } from './backends/file-backend.ts'
import { legacyLine } from './backends/legacy-line.ts'
import { createTruncateBackend } from './backends/truncate-backend.ts'
import { createLenientBackend, createUnionBackend } from './backends/union-backend.ts'
import { deliverToWebhook } from './backends/webhook-backend.ts'
import type { AuditEvent, AuditSink } from './event.ts'
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
  const maxAgeDays = notNegative(values, 'audit-log-maxage', 366)
  const maxBackups = notNegative(values, 'audit-log-maxbackup', 100)
  const maxSize = notNegative(values, 'audit-log-maxsize', 100)
  const lineOf = values['audit-log-format'] === 'legacy' ? legacyLine : undefined
  const file =
    path === '-'
      ? createAuditStreamBackend((text) => void process.stdout.write(text), lineOf)
      : createAuditFileBackend({
          path,
          clock,
          failures: metrics,
          maxBytes: maxSize * mebibyte,
          maxBackups,
          maxAgeDays,
          compress: values['audit-log-compress'],
          lineOf,
        })
  return shortened(
    'log',
    withMode('log', file, async (events) => file.process(events), values, services),
    values,
    metrics,
  )
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
  const deliver = deliverToWebhook({ webhook, initialBackoffMs, failures: metrics, signal: stopping.signal })
  const direct: AuditSink = { process: deliver, close: () => webhook.close() }
  const backend = withMode('webhook', direct, deliver, values, services)
  const ending: AuditSink = {
    process: (events) => backend.process(events),
    close() {
      stopping.abort()
      return backend.close()
    },
  }
  return shortened('webhook', ending, values, metrics)
}

type Plugin = 'log' | 'webhook'
/** Of batches, where nothing else is said. */
const usual = {
  log: { mode: 'blocking', maxBatchSize: 1, maxWaitMs: 0, throttled: false },
  webhook: { mode: 'batch', maxBatchSize: 400, maxWaitMs: 30_000, throttled: true },
} as const

/** Whether requests wait for the backend, and fail with it. */
function withMode(
  plugin: Plugin,
  backend: AuditSink,
  deliver: (events: readonly AuditEvent[]) => Promise<unknown>,
  values: ServerOptionValues,
  { clock, metrics }: Services,
): AuditSink {
  const { mode, maxBatchSize, maxWaitMs, throttled } = usual[plugin]
  const chosen = values[`audit-${plugin}-mode`] ?? mode
  if (chosen === 'blocking-strict') return backend
  if (chosen === 'blocking') return createLenientBackend(backend)
  const positive = (
    name: 'buffer-size' | 'max-size' | 'throttle-qps' | 'throttle-burst',
    words: string,
    byDefault: number,
  ) => {
    const value = values[`audit-${plugin}-batch-${name}`] ?? byDefault
    if (value > 0) return value
    throw new Error(`invalid audit batch ${plugin} ${words} ${value}, must be a positive number`)
  }
  const wait = values[`audit-${plugin}-batch-max-wait`]
  return createBatchBackend({
    bufferSize: positive('buffer-size', 'buffer size', 10_000),
    maxBatchSize: positive('max-size', 'max batch size', maxBatchSize),
    maxWaitMs: wait === undefined ? maxWaitMs : wait * 1000,
    throttle:
      (values[`audit-${plugin}-batch-throttle-enable`] ?? throttled)
        ? {
            perSecond: positive('throttle-qps', 'throttle QPS', 10),
            burst: positive('throttle-burst', 'throttle burst', 15),
          }
        : undefined,
    deliver,
    closed: () => backend.close(),
    clock,
    failures: metrics,
  })
}

function shortened(plugin: Plugin, backend: AuditSink, values: ServerOptionValues, failures: AuditMetrics): AuditSink {
  const maxEventBytes = values[`audit-${plugin}-truncate-max-event-size`] ?? 100 * 1024
  const maxBatchBytes = values[`audit-${plugin}-truncate-max-batch-size`] ?? 10 * mebibyte
  const refused = (what: string) => new Error(`invalid audit truncate ${plugin} max ${what}`)
  if (maxEventBytes <= 0) throw refused(`event size ${maxEventBytes}, must be a positive number`)
  if (maxBatchBytes < maxEventBytes)
    throw refused(`batch size ${maxBatchBytes}, must be greater than max event size (${maxEventBytes})`)
  if (values[`audit-${plugin}-truncate-enabled`] !== true) return backend
  return createTruncateBackend(backend, { maxEventBytes, maxBatchBytes, failures })
}

function notNegative(
  values: ServerOptionValues,
  name: 'audit-log-maxsize' | 'audit-log-maxbackup' | 'audit-log-maxage',
  byDefault: number,
): number {
  const value = values[name] ?? byDefault
  if (value < 0) throw new Error(`--${name} ${value} can't be a negative number`)
  return value
}
