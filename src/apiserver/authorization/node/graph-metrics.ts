import type { Clock } from '../../../machinery/clock.ts'
import type { Family, Histogram, MetricsRegistry } from '../../../machinery/metrics.ts'

const buckets = Array.from({ length: 12 }, (_, at) => 0.0001 * 2 ** at)
const things = {
  pods: 'Pod',
  persistentvolumes: 'PV',
  volumeattachments: 'VolumeAttachment',
  resourceslices: 'ResourceSlice',
  podcertificaterequests: 'PodCertificateRequest',
} as const

/** How long it takes to learn what nodes have to do with (plugin/pkg/auth/authorizer/node/metrics.go). */
export class GraphMetrics {
  readonly #clock: Clock
  readonly #durations: Family<Histogram>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock
    this.#durations = metrics.histogram(
      'node_authorizer_graph_actions_duration_seconds',
      'Time of taking in what changed.',
      buckets,
      ['operation'],
    )
  }

  /** Takes a change in. */
  learn(resource: string, type: string, take: () => void): void {
    const began = this.#clock.monotonic()
    take()
    const thing = things[resource as keyof typeof things]
    const seconds = (this.#clock.monotonic() - began) / 1000
    this.#durations.labels(`${type === 'deleted' ? 'Delete' : 'Add'}${thing}`).observe(seconds)
  }
}
