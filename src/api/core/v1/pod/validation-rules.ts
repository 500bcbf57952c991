import type { FeatureEnabled } from '../../../features/feature-gates.ts'

/**
 * What pod specs may have by the features that are on, what they are forgiven because the stored object has it already,
 * and what holds for pods but not for templates (pkg/apis/core/validation PodValidationOptions, pkg/api/pod
 * GetValidationOptionsFromPodSpecAndMeta).
 */
export interface PodSpecRules {
  /** The spec is a pod's, not a template's. */
  readonly isPod: boolean
  readonly allowInvalidDeletionCost: boolean
  readonly allowIndivisibleHugePages: boolean
  readonly allowInvalidAffinitySelectors: boolean
  readonly allowInvalidNodeAffinityValues: boolean
  readonly allowInvalidSpreadSelectors: boolean
  /** Judge matchLabelKeys of spread constraints as releases before v1.34 did. */
  readonly legacySpreadLabelKeys: boolean
  readonly allowSpreadLabelKeys: boolean
  readonly allowNonLocalTokenPaths: boolean
  readonly allowHostNamespaceSysctls: boolean
  readonly allowVolumeDevicesInUserNamespace: boolean
  readonly allowEmptyImageReference: boolean
  readonly allowSysAdminWithoutEscalation: boolean
  readonly allowRestartContainerForInit: boolean
  readonly allowUserNamespaceOnHostNetwork: boolean
  readonly allowComparingTolerations: boolean
  readonly allowFileKeys: boolean
  readonly allowRestartRules: boolean
  readonly allowRestartAll: boolean
  readonly allowAnySELinuxChange: boolean
  readonly allowPodLevelResources: boolean
  readonly allowPodLevelResize: boolean
  readonly allowVolumeResize: boolean
  readonly allowImageDigests: boolean
  readonly allowLateNomination: boolean
}

const known = new WeakMap<FeatureEnabled, PodSpecRules>()

/** For what is new. */
export function podSpecRules(enabled: FeatureEnabled): PodSpecRules {
  let rules = known.get(enabled)
  if (rules === undefined) known.set(enabled, (rules = rulesOf(enabled)))
  return rules
}

/** Where nobody asks for features. */
export const noFeatures: PodSpecRules = rulesOf(() => false)

export function podRules(enabled: FeatureEnabled): PodSpecRules {
  return { ...podSpecRules(enabled), isPod: true }
}

function rulesOf(enabled: FeatureEnabled): PodSpecRules {
  return {
    isPod: false,
    allowInvalidDeletionCost: !enabled('PodDeletionCost'),
    allowIndivisibleHugePages: false,
    allowInvalidAffinitySelectors: false,
    allowInvalidNodeAffinityValues: false,
    allowInvalidSpreadSelectors: false,
    legacySpreadLabelKeys: !mergesSpreadKeys(enabled),
    allowSpreadLabelKeys: enabled('MatchLabelKeysInPodTopologySpread'),
    allowNonLocalTokenPaths: false,
    allowHostNamespaceSysctls: false,
    allowVolumeDevicesInUserNamespace: false,
    allowEmptyImageReference: false,
    allowSysAdminWithoutEscalation: false,
    allowRestartContainerForInit: false,
    allowUserNamespaceOnHostNetwork: enabled('UserNamespacesHostNetworkSupport'),
    allowComparingTolerations: enabled('TaintTolerationComparisonOperators'),
    allowFileKeys: enabled('EnvFiles'),
    allowRestartRules: enabled('ContainerRestartRules'),
    allowRestartAll: enabled('RestartAllContainersOnContainerExits'),
    allowAnySELinuxChange: enabled('SELinuxMount'),
    allowPodLevelResources: enabled('PodLevelResources'),
    allowPodLevelResize: enabled('InPlacePodLevelResourcesVerticalScaling'),
    allowVolumeResize: enabled('InPlacePodVerticalScalingMemoryBackedVolumes'),
    allowImageDigests: enabled('ImageVolumeWithDigest'),
    allowLateNomination: !enabled('ClearingNominatedNodeNameAfterBinding'),
  }
}

/** Whether the label keys of spread constraints become a part of their selectors when a pod is made. */
export function mergesSpreadKeys(enabled: FeatureEnabled): boolean {
  return enabled('MatchLabelKeysInPodTopologySpread') && enabled('MatchLabelKeysInPodTopologySpreadSelectorMerge')
}
