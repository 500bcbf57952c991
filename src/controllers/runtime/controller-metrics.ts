import type { MetricsRegistry } from '../../machinery/metrics.ts'

/** Declares what a controller tells, once in a registry however often the controller starts there. */
export function controllerMetrics<Metrics>(
  declare: (registry: MetricsRegistry) => Metrics,
): (context: { readonly registry: MetricsRegistry }) => Metrics {
  const declared = new WeakMap<MetricsRegistry, Metrics>()
  return ({ registry }) => {
    let metrics = declared.get(registry)
    if (metrics === undefined) declared.set(registry, (metrics = declare(registry)))
    return metrics
  }
}

/** `first`, `factor` times as much, and so on. */
export function exponentialBuckets(first: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first * factor ** at)
}
