import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { ClaimOperation } from './prepared-claims.ts'

/** From a tenth of a second to forty, in equal steps of its logarithm. */
const buckets = Array.from({ length: 15 }, (_, at) => 0.1 * 400 ** (at / 14))

/** How long the claims of pods take (pkg/kubelet/metrics DRAOperationsDuration). */
export function claimMetrics(metrics: MetricsRegistry) {
  const durations = metrics.histogram(
    'dra_operations_duration_seconds',
    'Time of preparing the claims of a pod, and of taking them back.',
    buckets,
    ['operation_name', 'is_error'],
  )
  return (operation: ClaimOperation, seconds: number, failed: boolean) =>
    durations.labels(operation, String(failed)).observe(seconds)
}
