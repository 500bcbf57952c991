import type { Draft } from '../../../machinery/json.ts'
import { defaultFeatureGates } from '../../features/feature-gates.ts'
import type { PodGroupSpec } from '../../types.generated.ts'

/** pkg/apis/scheduling/<version>/defaults.go SetDefaults_PodGroup and SetDefaults_CompositePodGroup. */
export function setPreemptionPolicy(
  { spec }: { spec: Draft<Pick<PodGroupSpec, 'preemptionPolicy'>> },
  _now?: number,
  enabled = defaultFeatureGates.enabled,
): void {
  if (enabled('PodGroupPreemptionPolicy')) spec.preemptionPolicy ??= 'PreemptLowerPriority'
}
