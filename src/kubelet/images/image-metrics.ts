import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { PodWorkMetrics } from '../stats/pod-work-metrics.ts'
import type { ImageMetrics } from './image-puller.ts'
import type { PullRecords } from './pull-records.ts'

/** What pods ask of images, and what is known of pulls (pkg/kubelet/images/metrics.go, pullmanager). */
export function measuredImages(metrics: MetricsRegistry, work: PodWorkMetrics, records: PullRecords): ImageMetrics {
  const ensured = metrics.counter(
    'kubelet_image_manager_ensure_image_requests_total',
    'Images that containers asked for.',
    ['present_locally', 'pull_policy', 'pull_required'],
  )
  const count = (name: string, help: string, read: () => number) =>
    metrics.collect(`kubelet_imagemanager_ondisk_${name}`, help, 'gauge', [], () => [[[], read()]])
  count('pulledrecords', 'Images of which it is known who pulled them.', () => records.counts().pulled)
  count('pullintents', 'Pulls that were begun.', () => records.counts().begun)
  const checks = metrics.counter(
    'kubelet_imagemanager_image_mustpull_checks_total',
    'Whether a pod might use an image that was there.',
    ['result'],
  )
  records.follow((result) => checks.labels(result).inc())
  return {
    ensured(policy, present, mustPull) {
      const presence = present === undefined ? 'unknown' : String(present)
      ensured.labels(presence, policy.toLowerCase(), String(mustPull)).inc()
    },
    pulled: (pod, ms) => work.pulled(pod, ms),
  }
}
