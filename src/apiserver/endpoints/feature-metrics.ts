import type { FeatureGates } from '../../api/features/feature-gates.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'

/** Which features are on, and how far they are (component-base featuregate, AddMetrics). */
export function addFeatureMetrics(metrics: MetricsRegistry, features: FeatureGates): void {
  metrics.collect(
    'kubernetes_feature_enabled',
    'The stage of each feature, and whether it is on.',
    'gauge',
    ['name', 'stage'],
    () => features.all.map(({ name, stage, enabled }) => [[name, stage], enabled ? 1 : 0] as const),
  )
}
