import { controllerMetrics } from '../runtime/controller-metrics.ts'

/** Pods that taints drive off, and how late (pkg/controller/tainteviction/metrics, and its sibling for devices). */
export function evictionMetrics(subsystem: string) {
  return controllerMetrics((registry) => ({
    total: registry.counter(`${subsystem}_pod_deletions_total`, 'Pods that were driven off.').labels(),
    late: registry
      .histogram(
        `${subsystem}_pod_deletion_duration_seconds`,
        'Time by which pods went later than their taints said.',
        [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30, 60, 120, 180, 240],
      )
      .labels(),
  }))
}
