import type { Counter, Family, Histogram, MetricsRegistry } from '../../../machinery/metrics.ts'

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
export type WebhookOutcome = 'success' | 'timeout' | 'error'

/** What is counted of webhooks that decide, under upstream's names (apiserver plugin/pkg/authorizer/webhook/metrics). */
export class AuthorizationWebhookMetrics {
  readonly #evaluations: Family<Counter>
  readonly #seconds: Family<Histogram>
  readonly #failOpen: Family<Counter>

  constructor(metrics: MetricsRegistry) {
    const labels = ['name', 'result']
    this.#evaluations = metrics.counter(
      'apiserver_authorization_webhook_evaluations_total',
      'Questions that webhooks were asked.',
      labels,
    )
    this.#seconds = metrics.histogram(
      'apiserver_authorization_webhook_duration_seconds',
      'Time until webhooks answered.',
      seconds,
      labels,
    )
    this.#failOpen = metrics.counter(
      'apiserver_authorization_webhook_evaluations_fail_open_total',
      'Questions that counted as no opinion since the webhook failed.',
      labels,
    )
  }
  asked(name: string, outcome: WebhookOutcome, tookSeconds: number): void {
    this.#evaluations.labels(name, outcome).inc()
    this.#seconds.labels(name, outcome).observe(tookSeconds)
  }
  failedOpen(name: string, outcome: WebhookOutcome): void {
    this.#failOpen.labels(name, outcome).inc()
  }
}
