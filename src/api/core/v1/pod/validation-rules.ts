/**
 * What pod specs are forgiven because the stored object has it already, and what holds for pods but not for templates
 * (pkg/apis/core/validation PodValidationOptions, pkg/api/pod GetValidationOptionsFromPodSpecAndMeta). The features of
 * v1.37 are set as upstream ships them.
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
  readonly allowNonLocalTokenPaths: boolean
  readonly allowHostNamespaceSysctls: boolean
  readonly allowVolumeDevicesInUserNamespace: boolean
  readonly allowEmptyImageReference: boolean
  readonly allowSysAdminWithoutEscalation: boolean
  readonly allowRestartContainerForInit: boolean
  readonly allowUserNamespaceOnHostNetwork: boolean
  readonly allowComparingTolerations: boolean
}

/** For what is new. */
export const strictPodSpecRules: PodSpecRules = {
  isPod: false,
  allowInvalidDeletionCost: false,
  allowIndivisibleHugePages: false,
  allowInvalidAffinitySelectors: false,
  allowInvalidNodeAffinityValues: false,
  allowInvalidSpreadSelectors: false,
  legacySpreadLabelKeys: false,
  allowNonLocalTokenPaths: false,
  allowHostNamespaceSysctls: false,
  allowVolumeDevicesInUserNamespace: false,
  allowEmptyImageReference: false,
  allowSysAdminWithoutEscalation: false,
  allowRestartContainerForInit: false,
  allowUserNamespaceOnHostNetwork: false,
  allowComparingTolerations: false,
}
export const strictPodRules: PodSpecRules = { ...strictPodSpecRules, isPod: true }
