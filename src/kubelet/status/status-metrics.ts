import type { Histogram, MetricsRegistry } from '../../machinery/metrics.ts'

/** How long the API waits for changes of pods' status (pkg/kubelet/metrics PodStatusSyncDuration). */
export function statusSyncSeconds(metrics: MetricsRegistry): Histogram {
  const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60]
  const name = 'kubelet_pod_status_sync_duration_seconds'
  return metrics.histogram(name, 'Time until the API had a change of a pod’s status.', buckets).labels()
}
