import { formatTime } from '../../../../machinery/clock.ts'
import { jsonEqual, type Draft } from '../../../../machinery/json.ts'
import type { LabelSelector, Pod, PodAffinityTerm } from '../../../types.generated.ts'
import type { RuleContext, SubresourceRules } from '../../../definition.ts'
import { resetMetadata, setOrDelete } from '../../../object-metadata.ts'
import { syncAppArmor } from './app-armor.ts'
import { defaultPodLevelResources, podQosClass } from './pod-resources.ts'
import type { FeatureEnabled } from '../../../features/feature-gates.ts'
import { mergesSpreadKeys } from './validation-rules.ts'
import { validatePodResize } from './resize-validation.ts'
import { validatePodStatusUpdate } from './status-validation.ts'
import { validateEphemeralContainersUpdate } from './update-validation.ts'

/** What the server sets or keeps in a pod, whatever the client sent (pkg/registry/core/pod/strategy.go). */
type PodDraft = Draft<Pod>

export function preparePodForCreate(draft: PodDraft, { now, enabled }: Pick<RuleContext, 'now' | 'enabled'>): void {
  draft.status = { phase: 'Pending' }
  if (draft.spec!.schedulingGates?.length) {
    draft.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastTransitionTime: formatTime(now),
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ]
  }
  mergeLabelKeys(draft, mergesSpreadKeys(enabled))
  syncAppArmor(draft)
  if (defaultsPodLevel(enabled)) defaultPodLevelResources(draft.spec!)
  draft.status.qosClass = podQosClass((draft as unknown as Pod).spec!, enabled)
}

/** Turns matchLabelKeys and mismatchLabelKeys into requirements on the values that this pod has. */
function mergeLabelKeys(draft: PodDraft, ofSpread: boolean): void {
  const labels = draft.metadata.labels ?? {}
  const add = (
    selector: Draft<LabelSelector> | undefined,
    keys: readonly string[] | undefined,
    operator: 'In' | 'NotIn',
  ) => {
    if (selector === undefined) return
    for (const key of keys ?? []) {
      if (!Object.hasOwn(labels, key)) continue
      ;(selector.matchExpressions ??= []).push({ key, operator, values: [labels[key]!] })
    }
  }
  const { podAffinity, podAntiAffinity } = draft.spec!.affinity ?? {}
  for (const affinity of [podAffinity, podAntiAffinity]) {
    const preferred = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      (one) => one.podAffinityTerm,
    )
    const terms: Draft<PodAffinityTerm>[] = [
      ...preferred,
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ]
    for (const term of terms) {
      add(term.labelSelector, term.matchLabelKeys, 'In')
      add(term.labelSelector, term.mismatchLabelKeys, 'NotIn')
    }
  }
  for (const constraint of ofSpread ? (draft.spec!.topologySpreadConstraints ?? []) : []) {
    add(constraint.labelSelector, constraint.matchLabelKeys, 'In')
  }
}

const defaultsPodLevel = (enabled: FeatureEnabled) =>
  enabled('PodLevelResources') && enabled('PodLevelResourcesFixDefaulting')

export function preparePodForUpdate(draft: PodDraft, old: Pod, { enabled }: Pick<RuleContext, 'enabled'>): void {
  draft.status = old.status as PodDraft['status']
  if (enabled('PodLevelResourcesFixDefaulting'))
    draft.spec!.resources ??= old.spec?.resources as NonNullable<PodDraft['spec']>['resources']
  if (draft.spec!.resources === undefined) delete draft.spec!.resources
  countGeneration(draft, old)
}

function countGeneration(draft: PodDraft, old: Pod): void {
  if (!jsonEqual(draft.spec, old.spec)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
}

/** The kubelet's door. */
function prepareStatus(draft: PodDraft, old: Pod): void {
  draft.spec = old.spec as PodDraft['spec']
  setOrDelete(draft.metadata, 'deletionTimestamp', undefined)
  setOrDelete(draft.metadata, 'ownerReferences', old.metadata.ownerReferences)
  const status = (draft.status ??= {})
  const before = old.status ?? {}
  status.qosClass ||= before.qosClass
  for (const member of [
    'resourceClaimStatuses',
    'extendedResourceClaimStatus',
    'nodeAllocatableResourceClaimStatuses',
  ] as const) {
    if (status[member] === undefined && before[member] !== undefined) setOrDelete(status, member, before[member])
  }
  keepObservedGenerations(status, before)
}

/** For kubelets that do not report them. */
function keepObservedGenerations(status: NonNullable<PodDraft['status']>, before: NonNullable<Pod['status']>): void {
  if (before.observedGeneration) status.observedGeneration ||= before.observedGeneration
  const generations = new Map<string, (number | undefined)[]>()
  for (const { type, observedGeneration } of before.conditions ?? []) {
    generations.set(type, [...(generations.get(type) ?? []), observedGeneration])
  }
  for (const condition of status.conditions ?? []) {
    const generation = generations.get(condition.type)?.shift()
    if (generation) condition.observedGeneration ||= generation
  }
}

function prepareEphemeralContainers(draft: PodDraft, old: Pod): void {
  const { ephemeralContainers } = draft.spec!
  draft.spec = { ...(old.spec as NonNullable<PodDraft['spec']>) }
  setOrDelete(draft.spec, 'ephemeralContainers', ephemeralContainers)
  draft.status = old.status as PodDraft['status']
  resetMetadata(draft, old)
  countGeneration(draft, old)
}

/** Only resources and resize policies change; what else differs in the containers is left for validation to refuse. */
function prepareResize(draft: PodDraft, old: Pod, { enabled }: Pick<RuleContext, 'enabled'>): void {
  const spec = draft.spec!
  const before = old.spec!
  const sameCount =
    spec.containers.length === before.containers.length &&
    (spec.initContainers ?? []).length === (before.initContainers ?? []).length
  if (sameCount) {
    const containers = onlyResources(spec.containers, before.containers)
    const initContainers = onlyResources(spec.initContainers ?? [], before.initContainers ?? [])
    const resources = enabled('InPlacePodLevelResourcesVerticalScaling') ? spec.resources : before.resources
    const volumes = enabled('InPlacePodVerticalScalingMemoryBackedVolumes') ? spec.volumes : before.volumes
    draft.spec = { ...(before as typeof spec), containers }
    setOrDelete(draft.spec, 'initContainers', initContainers.length > 0 ? initContainers : undefined)
    setOrDelete(draft.spec, 'resources', resources)
    setOrDelete(draft.spec, 'volumes', volumes)
    draft.status = old.status as PodDraft['status']
    resetMetadata(draft, old)
  }
  if (
    enabled('PodLevelResourcesFixDefaulting') &&
    draft.spec!.resources === undefined &&
    before.resources !== undefined
  ) {
    setOrDelete(draft.spec!, 'resources', structuredClone(before.resources))
  }
  if (draft.spec!.resources !== undefined && defaultsPodLevel(enabled)) defaultPodLevelResources(draft.spec!)
  countGeneration(draft, old)
}

function onlyResources<C extends { name: string; resources?: unknown; resizePolicy?: unknown }>(
  containers: C[],
  old: readonly { readonly name: string }[],
): C[] {
  if (containers.some(({ name }, index) => old[index]!.name !== name)) return containers
  return containers.map(({ resources, resizePolicy }, index) => {
    const merged = { ...(old[index] as C) }
    setOrDelete(merged, 'resources', resources)
    setOrDelete(merged, 'resizePolicy', resizePolicy)
    return merged
  })
}

export const podSubresources: Readonly<Record<string, SubresourceRules<Pod>>> = {
  status: {
    prepareForUpdate: prepareStatus,
    validateUpdate: validatePodStatusUpdate,
    resetFields: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  },
  ephemeralcontainers: {
    prepareForUpdate: prepareEphemeralContainers,
    validateUpdate: validateEphemeralContainersUpdate,
  },
  resize: { prepareForUpdate: prepareResize, validateUpdate: validatePodResize },
}
