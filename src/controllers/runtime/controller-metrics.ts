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

/** Go's usual buckets (prometheus DefBuckets). */
export const usualBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
