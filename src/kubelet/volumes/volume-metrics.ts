import type { Clock } from '../../machinery/clock.ts'
import { goBuckets, type MetricsRegistry } from '../../machinery/metrics.ts'

const mountBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600]

/** What mounting and removing volumes takes (pkg/volume/util/metrics.go). */
export class VolumeMetrics {
  readonly #clock: Clock
  readonly #operations
  readonly #mounts

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock
    this.#operations = metrics.histogram(
      'storage_operation_duration_seconds',
      'Time of operations on volumes.',
      mountBuckets,
      ['volume_plugin', 'operation_name', 'status', 'migrated'],
    )
    this.#mounts = metrics.histogram(
      'volume_operation_total_seconds',
      'Time from the wish for a volume to its being there.',
      goBuckets,
      ['plugin_name', 'operation_name'],
    )
  }

  /** `plugin`: as folders are named, `kubernetes.io~empty-dir`. */
  async measured<Result>(
    plugin: string,
    operation: 'volume_mount' | 'volume_unmount',
    work: () => Promise<Result>,
  ): Promise<Result> {
    const name = plugin.replace('~', '/')
    const began = this.#clock.monotonic()
    let status = 'fail-unknown'
    try {
      const result = await work()
      status = 'success'
      return result
    } finally {
      const seconds = (this.#clock.monotonic() - began) / 1000
      this.#operations.labels(name, operation, status, 'false').observe(seconds)
      if (status === 'success' && operation === 'volume_mount')
        this.#mounts.labels(name, 'overall_volume_mount').observe(seconds)
    }
  }
}
