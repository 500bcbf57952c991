import type { Clock } from '../machinery/clock.ts'
import { ApiError } from '../machinery/errors.ts'
import type { MetricsRegistry } from '../machinery/metrics.ts'

const seconds = [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10]

/** Asks, and counts what came of it. */
export type MeasuredReview = <Answer>(ask: () => Promise<Answer>) => Promise<Answer>

/**
 * What a part asks the API server of those who come to it: TokenReviews and SubjectAccessReviews (apiserver
 * pkg/authentication/authenticatorfactory/metrics.go, pkg/authorization/authorizerfactory/metrics.go).
 */
export function delegatedReviewMetrics(
  metrics: MetricsRegistry,
  clock: Clock,
): { readonly authentication: MeasuredReview; readonly authorization: MeasuredReview } {
  const measured = (what: string): MeasuredReview => {
    const name = `apiserver_delegated_${what}_request`
    const total = metrics.counter(`${name}_total`, 'Reviews by the code of their answer.', ['code'])
    const durations = metrics.histogram(`${name}_duration_seconds`, 'Time of reviews.', seconds, ['code'])
    return async (ask) => {
      const began = clock.monotonic()
      let code = '201'
      try {
        return await ask()
      } catch (error) {
        code = error instanceof ApiError ? String(error.code) : '<error>'
        throw error
      } finally {
        total.labels(code).inc()
        durations.labels(code).observe((clock.monotonic() - began) / 1000)
      }
    }
  }
  return { authentication: measured('authn'), authorization: measured('authz') }
}
