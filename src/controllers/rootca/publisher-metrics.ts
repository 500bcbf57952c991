import { ApiError } from '../../machinery/errors.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'

/** What a publisher of trust tells of its syncs (certificates/rootcacertpublisher/metrics.go and its sibling). */
export function publisherMetrics(subsystem: string) {
  return controllerMetrics((registry) => {
    const total = registry.counter(`${subsystem}_sync_total`, 'Syncs by what came of them.', ['code'])
    const durations = registry.histogram(
      `${subsystem}_sync_duration_seconds`,
      'Time of syncs.',
      exponentialBuckets(0.001, 2, 15),
      ['code'],
    )
    return (seconds: number, error: Error | undefined) => {
      const code = error === undefined ? '200' : error instanceof ApiError ? String(error.code) : '500'
      total.labels(code).inc()
      durations.labels(code).observe(seconds)
    }
  })
}
