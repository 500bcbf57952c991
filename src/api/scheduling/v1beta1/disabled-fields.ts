import type { Draft } from '../../../machinery/json.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import type { CompositePodGroupTemplate, PodGroupSpec, PodGroupTemplate, WorkloadSpec } from '../../types.generated.ts'

/**
 * Members of features that are off go, unless the old object has them (pkg/registry/scheduling/<kind>/strategy.go
 * dropDisabled…).
 */
const gates = {
  schedulingConstraints: 'TopologyAwareWorkloadScheduling',
  resourceClaims: 'DRAWorkloadResourceClaims',
  preemptionPolicy: 'PodGroupPreemptionPolicy',
  parentCompositePodGroupName: 'CompositePodGroup',
} as const
type Gated = keyof typeof gates

function drop(
  draft: object,
  old: object | undefined,
  enabled: FeatureEnabled,
  members = Object.keys(gates) as readonly Gated[],
): void {
  const before = (old ?? {}) as Readonly<Record<string, unknown>>
  for (const member of members) {
    const had = before[member]
    const inUse = had !== undefined && !(Array.isArray(had) && had.length === 0)
    if (!enabled(gates[member]) && !inUse) delete (draft as Record<string, unknown>)[member]
  }
}

export function dropFromPodGroup(
  spec: Draft<PodGroupSpec>,
  old: PodGroupSpec | undefined,
  enabled: FeatureEnabled,
): void {
  drop(spec, old, enabled)
}

export function dropPreemptionPolicy(spec: object, old: object | undefined, enabled: FeatureEnabled): void {
  drop(spec, old, enabled, ['preemptionPolicy'])
}

export function dropFromWorkload(
  spec: Draft<WorkloadSpec>,
  old: WorkloadSpec | undefined,
  enabled: FeatureEnabled,
): void {
  dropFromTemplates(spec.podGroupTemplates, old?.podGroupTemplates, enabled)
  dropFromComposites(spec, old, enabled)
}

/** Old ones are found by their place. */
function dropFromTemplates(
  templates: readonly Draft<PodGroupTemplate>[] | undefined,
  old: readonly PodGroupTemplate[] | undefined,
  enabled: FeatureEnabled,
): void {
  for (const [index, template] of (templates ?? []).entries())
    drop(template, old?.[index], enabled, ['schedulingConstraints', 'resourceClaims', 'preemptionPolicy'])
}

type Holder = Pick<WorkloadSpec, 'compositePodGroupTemplates'>

/** Old ones are found by their name. */
function dropFromComposites(holder: Draft<Holder>, old: Holder | undefined, enabled: FeatureEnabled): void {
  const before = old?.compositePodGroupTemplates ?? []
  const templates: readonly Draft<CompositePodGroupTemplate>[] = holder.compositePodGroupTemplates ?? []
  if (!enabled('CompositePodGroup') && before.length === 0) delete holder.compositePodGroupTemplates
  for (const template of templates) {
    const same = before.find(({ name }) => name === template.name)
    dropPreemptionPolicy(template, same, enabled)
    dropFromComposites(template, same, enabled)
    dropFromTemplates(template.podGroupTemplates, same?.podGroupTemplates, enabled)
  }
}

/** SetDefaults_PodGroup and SetDefaults_CompositePodGroup. */
export function setPreemptionPolicy(
  spec: Draft<Pick<PodGroupSpec, 'preemptionPolicy'>>,
  enabled: FeatureEnabled,
): void {
  if (enabled('PodGroupPreemptionPolicy')) spec.preemptionPolicy ??= 'PreemptLowerPriority'
}
