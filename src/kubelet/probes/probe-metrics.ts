import type { Pod } from '../../api/types.generated.ts'
import { type Counter, type Family, goBuckets, type Histogram, type MetricsRegistry } from '../../machinery/metrics.ts'
import type { ProbeOutcome } from './outcome.ts'
import type { ProbeType } from './probe-schedule.ts'

/** In the words of upstream's labels. */
const types = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const
const results = { success: 'successful', warning: 'successful', failure: 'failed', unknown: 'unknown' } as const

const durationLabels = ['probe_type', 'container', 'pod', 'namespace']

/** What probes found, at `/metrics/probes` (pkg/kubelet/prober/prober_manager.go). */
export class ProbeMetrics {
  readonly #total: Family<Counter>
  readonly #durations: Family<Histogram>
  readonly #byPod = new Map<string, Map<string, readonly string[]>>()

  constructor(metrics: MetricsRegistry) {
    this.#total = metrics.counter('prober_probe_total', 'Probes of containers, by what they found.', [
      'probe_type',
      'result',
      'container',
      'pod',
      'namespace',
      'pod_uid',
    ])
    this.#durations = metrics.histogram('prober_probe_duration_seconds', 'Time of probes.', goBuckets, durationLabels)
  }

  probed({ metadata }: Pod, container: string, type: ProbeType, { result }: ProbeOutcome, seconds: number): void {
    const { name = '', namespace = '', uid = '' } = metadata
    const values = [types[type], results[result], container, name, namespace, uid]
    let known = this.#byPod.get(uid)
    if (known === undefined) this.#byPod.set(uid, (known = new Map()))
    known.set(values.join(' '), values)
    this.#total.labels(...values).inc()
    this.#durations.labels(types[type], container, name, namespace).observe(seconds)
  }

  /** The pod is gone. */
  forget(uid: string): void {
    for (const values of this.#byPod.get(uid)?.values() ?? []) {
      this.#total.remove(...values)
      const [type = '', , container = '', name = '', namespace = ''] = values
      this.#durations.remove(type, container, name, namespace)
    }
    this.#byPod.delete(uid)
  }
}
