import type { Family, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import type { Operation } from './plugin.ts'

export type AdmissionType = 'admit' | 'validate'

const seconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** How long admission takes, under upstream's names (apiserver pkg/admission/metrics). */
export class AdmissionMetrics {
  readonly #plugins: Family<Histogram>
  readonly #steps: Family<Histogram>

  constructor(metrics: MetricsRegistry) {
    this.#plugins = metrics.histogram(
      'apiserver_admission_controller_admission_duration_seconds',
      'Time that each admission plugin took.',
      seconds,
      ['name', 'operation', 'rejected', 'type'],
    )
    this.#steps = metrics.histogram(
      'apiserver_admission_step_admission_duration_seconds',
      'Time that all admission plugins took together.',
      seconds,
      ['operation', 'rejected', 'type'],
    )
  }

  plugin(name: string, operation: Operation, rejected: boolean, type: AdmissionType): Histogram {
    return this.#plugins.labels(name, operation, String(rejected), type)
  }
  step(operation: Operation, rejected: boolean, type: AdmissionType): Histogram {
    return this.#steps.labels(operation, String(rejected), type)
  }
}
