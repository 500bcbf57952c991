import type { Counter, Family, Histogram, MetricsRegistry } from '../../../machinery/metrics.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { WebhookCallError } from './call-error.ts'

/** `admit`: the webhook may change the object. */
export type WebhookType = 'admit' | 'validating'
type ErrorType = 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error'

const seconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]
const largestCode = 600

/** How admission webhooks answer, under upstream's names (apiserver pkg/admission/metrics). */
export class WebhookMetrics {
  readonly #seconds: Family<Histogram>
  readonly #requests: Family<Counter>
  readonly #rejections: Family<Counter>
  readonly #failedOpen: Family<Counter>

  constructor(metrics: MetricsRegistry) {
    const of = ['name', 'type', 'operation'] as const
    this.#seconds = metrics.histogram(
      'apiserver_admission_webhook_admission_duration_seconds',
      'Time that each webhook took.',
      seconds,
      [...of, 'rejected'],
    )
    this.#requests = metrics.counter('apiserver_admission_webhook_request_total', 'Calls of each webhook.', [
      ...of,
      'code',
      'rejected',
    ])
    this.#rejections = metrics.counter(
      'apiserver_admission_webhook_rejection_count',
      'Requests that each webhook refused, or that were refused since it failed.',
      [...of, 'error_type', 'rejection_code'],
    )
    this.#failedOpen = metrics.counter(
      'apiserver_admission_webhook_fail_open_count',
      'Requests that went on though the webhook failed.',
      ['name', 'type'],
    )
  }

  /** `error`: what the call threw; `ignored`: whether the request goes on all the same. */
  called(
    name: string,
    type: WebhookType,
    operation: string,
    tookSeconds: number,
    error: unknown,
    ignored: boolean,
  ): void {
    const { errorType, code } = outcomeOf(error)
    const isRejected = error !== undefined && !(ignored && errorType === 'calling_webhook_error')
    const codeText = String(Math.min(code, largestCode))
    this.#seconds.labels(name, type, operation, String(isRejected)).observe(tookSeconds)
    this.#requests.labels(name, type, operation, codeText, String(isRejected)).inc()
    if (isRejected) this.#rejections.labels(name, type, operation, errorType, codeText).inc()
    else if (error !== undefined) this.#failedOpen.labels(name, type).inc()
  }
}

/** As upstream's dispatchers tell them apart (webhook/mutating/dispatcher.go). */
function outcomeOf(error: unknown): { readonly errorType: ErrorType; readonly code: number } {
  if (error === undefined) return { errorType: 'no_error', code: 200 }
  if (error instanceof WebhookCallError) {
    const { cause } = error
    return { errorType: 'calling_webhook_error', code: cause instanceof ApiError ? cause.code : 503 }
  }
  if (error instanceof ApiError) return { errorType: 'no_error', code: error.code }
  return { errorType: 'apiserver_internal_error', code: 0 }
}
