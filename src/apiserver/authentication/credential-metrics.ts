import type { Counter, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import { clientCertificateExpiry } from '../../machinery/x509/client-certificate-expiry.ts'

/** What credentials are shown (apiserver pkg/authentication/request/x509, pkg/serviceaccount/metrics.go). */
export class CredentialMetrics {
  readonly #expiry: Histogram
  readonly #valid: Counter
  readonly #stale: Counter
  readonly #legacy: Counter
  readonly #legacyAuto: Counter
  readonly #legacyManual: Counter
  readonly #legacyInvalid: Counter

  constructor(metrics: MetricsRegistry) {
    this.#expiry = clientCertificateExpiry(metrics)
    const counter = (name: string, help: string) => metrics.counter(`serviceaccount_${name}`, help).labels()
    this.#valid = counter('valid_tokens_total', 'Bound tokens that hold.')
    this.#stale = counter('stale_tokens_total', 'Bound tokens that hold but should have been renewed.')
    this.#legacy = counter('legacy_tokens_total', 'Tokens of Secrets that hold.')
    this.#legacyAuto = counter('legacy_auto_token_uses_total', 'Tokens of Secrets that the cluster had made by itself.')
    this.#legacyManual = counter('legacy_manual_token_uses_total', 'Tokens of Secrets that somebody had made.')
    this.#legacyInvalid = counter(
      'invalid_legacy_auto_token_uses_total',
      'Tokens of Secrets that hold no more since nobody had used them.',
    )
  }

  certificate(seconds: number): void {
    this.#expiry.observe(seconds)
  }
  /** `isStale`: whoever holds it should have asked for another one. */
  boundToken(isStale: boolean): void {
    ;(isStale ? this.#stale : this.#valid).inc()
  }
  /** `isAuto`: its Secret is named by its account. */
  legacyToken(isAuto: boolean): void {
    this.#legacy.inc()
    ;(isAuto ? this.#legacyAuto : this.#legacyManual).inc()
  }
  invalidLegacyToken(): void {
    this.#legacyInvalid.inc()
  }
}
