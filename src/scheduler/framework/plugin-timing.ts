import type { Clock } from '../../machinery/clock.ts'
import type { Counter, Family, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import type { Rejection } from './rejection.ts'

/** The steps of a cycle, in upstream's words (pkg/scheduler/metrics). */
export type ExtensionPoint =
  | 'PreFilter'
  | 'PreFilterExtensionAddPod'
  | 'PreFilterExtensionRemovePod'
  | 'Filter'
  | 'PostFilter'
  | 'PreScore'
  | 'Score'
  | 'ScoreExtensionNormalize'
  | 'Reserve'
  | 'Unreserve'
  | 'PreBind'
  | 'Bind'

/** What came of a step, in the words of upstream's codes (kube-scheduler framework/interface.go). */
export type StepStatus = 'Success' | 'Error' | 'Skip' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Pending'

const codes = {
  unschedulable: 'Unschedulable',
  unresolvable: 'UnschedulableAndUnresolvable',
  pending: 'Pending',
} as const

export function statusOf(rejection: Rejection | undefined): StepStatus {
  return rejection === undefined ? 'Success' : codes[rejection.code]
}

/** One cycle of so many has its plugins timed one by one, as upstream's (pluginMetricsSamplePercent). */
const cyclesPerSample = 10

/** How long the steps of scheduling take, and what each plugin takes of that (pkg/scheduler/metrics). */
export class SchedulingTimes {
  readonly #clock: Clock
  readonly #points: Family<Histogram>
  readonly #plugins: Family<Histogram>
  readonly #evaluations: Family<Counter>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    const growing = (first: number, factor: number, count: number) =>
      Array.from({ length: count }, (_, at) => first * factor ** at)
    this.#clock = clock
    this.#points = metrics.histogram(
      'scheduler_framework_extension_point_duration_seconds',
      'Time that all plugins of a step took.',
      growing(0.0001, 2, 12),
      ['extension_point', 'status', 'profile'],
    )
    this.#plugins = metrics.histogram(
      'scheduler_plugin_execution_duration_seconds',
      'Time that a plugin took at a step, of one cycle in ten.',
      growing(0.00001, 1.5, 20),
      ['plugin', 'extension_point', 'status'],
    )
    this.#evaluations = metrics.counter('scheduler_plugin_evaluation_total', 'How often a plugin was asked.', [
      'plugin',
      'extension_point',
      'profile',
    ])
  }

  of(profile: string): PluginTiming {
    return new PluginTiming(this.#clock, this.#points, this.#plugins, this.#evaluations, profile)
  }
}

/** The times of one profile. */
export class PluginTiming {
  readonly #clock: Clock
  readonly #points: Family<Histogram>
  readonly #plugins: Family<Histogram>
  readonly #evaluations: Family<Counter>
  readonly #profile: string
  /** Looked up once: joining labels for each step takes longer than some steps. */
  readonly #series = new Map<ExtensionPoint, Map<string, Map<StepStatus, Histogram>>>()
  #cycles = 0

  constructor(
    clock: Clock,
    points: Family<Histogram>,
    plugins: Family<Histogram>,
    evaluations: Family<Counter>,
    profile: string,
  ) {
    this.#clock = clock
    this.#points = points
    this.#plugins = plugins
    this.#evaluations = evaluations
    this.#profile = profile
  }

  /** Whether the cycle that begins has its plugins timed. */
  samples(): boolean {
    return this.#cycles++ % cyclesPerSample === 0
  }

  /** Milliseconds to count from. */
  now(): number {
    return this.#clock.monotonic()
  }

  /** The step began then and is over. */
  step(point: ExtensionPoint, status: StepStatus, began: number): void {
    this.#of(point, '', status, this.#points, [point, status, this.#profile]).observe(this.#since(began))
  }

  plugin(plugin: string, point: ExtensionPoint, status: StepStatus, began: number): void {
    this.#of(point, plugin, status, this.#plugins, [plugin, point, status]).observe(this.#since(began))
  }

  /** Counts that the plugin is asked at the step. */
  evaluations(plugin: string, point: ExtensionPoint): Counter {
    return this.#evaluations.labels(plugin, point, this.#profile)
  }

  #since(began: number): number {
    return (this.#clock.monotonic() - began) / 1000
  }

  /** `plugin`: '' for all of them. */
  #of(
    point: ExtensionPoint,
    plugin: string,
    status: StepStatus,
    family: Family<Histogram>,
    values: readonly string[],
  ): Histogram {
    let ofPoint = this.#series.get(point)
    if (ofPoint === undefined) this.#series.set(point, (ofPoint = new Map()))
    let series = ofPoint.get(plugin)
    if (series === undefined) ofPoint.set(plugin, (series = new Map()))
    let histogram = series.get(status)
    if (histogram === undefined) series.set(status, (histogram = family.labels(...values)))
    return histogram
  }
}
