import { validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import type { PodAffinity, PodSpec } from '../../../types.generated.ts'
import { hasInvalidNodeSelectorValue } from '../node-selector-validation.ts'
import { checkProjectedPath } from '../paths.ts'
import { isHugePages } from '../resource-names.ts'
import { validateLabelKeys, validateLegacyLabelKeys } from './affinity.ts'
import { hasInvalidDeletionCost } from './annotations.ts'
import { containersOf } from './containers-of.ts'
import { isRestartableInitContainer } from './aggregate-containers.ts'
import type { ResourceList } from './resource-list.ts'
import { hasRestartAllRule } from './restart-rules.ts'
import { isWholePages } from './resource-requirements.ts'
import { checkNoHostSysctl } from './sysctls.ts'
import type { PodSpecRules } from './validation-rules.ts'

interface PodLike {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: PodSpec
}

/** What an old pod, or template, has already may stay (pkg/api/pod GetValidationOptionsFromPodSpecAndMeta). */
export function rulesForUpdate(old: PodLike, strict: PodSpecRules): PodSpecRules {
  const { spec } = old
  if (!spec) return strict
  const containers = [...containersOf(spec, '')].map(([container]) => container)
  const hostUsers = spec.hostUsers !== false
  return {
    ...strict,
    allowInvalidDeletionCost: strict.allowInvalidDeletionCost || hasInvalidDeletionCost(old.metadata?.annotations),
    allowIndivisibleHugePages:
      containers.some(({ resources }) => hasPartOfPage(resources?.limits) || hasPartOfPage(resources?.requests)) ||
      hasPartOfPage(spec.overhead),
    allowInvalidAffinitySelectors:
      hasInvalidSelector(spec.affinity?.podAffinity) || hasInvalidSelector(spec.affinity?.podAntiAffinity),
    allowInvalidNodeAffinityValues: hasInvalidNodeSelectorValue(
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    allowInvalidSpreadSelectors: (spec.topologySpreadConstraints ?? []).some(
      ({ labelSelector }) => validateLabelSelector(labelSelector, '').length > 0,
    ),
    // Whatever the old one does not pass, it is not asked.
    legacySpreadLabelKeys:
      strict.allowSpreadLabelKeys &&
      (spec.topologySpreadConstraints ?? []).some(({ matchLabelKeys, labelSelector }) =>
        strict.legacySpreadLabelKeys
          ? validateLegacyLabelKeys(matchLabelKeys, '', labelSelector).length > 0
          : validateLabelKeys('', matchLabelKeys, [], labelSelector).length > 0,
      )
        ? !strict.legacySpreadLabelKeys
        : strict.legacySpreadLabelKeys,
    allowNonLocalTokenPaths: (spec.volumes ?? []).some(({ projected }) =>
      (projected?.sources ?? []).some(
        ({ serviceAccountToken }) =>
          serviceAccountToken !== undefined && checkProjectedPath(serviceAccountToken.path, '').length > 0,
      ),
    ),
    allowHostNamespaceSysctls: (spec.securityContext?.sysctls ?? []).some(
      ({ name }) => checkNoHostSysctl(name, spec, '').length > 0,
    ),
    allowVolumeDevicesInUserNamespace: !hostUsers && containers.some(({ volumeDevices }) => volumeDevices?.length),
    allowEmptyImageReference: (spec.volumes ?? []).some(({ image }) => image !== undefined && !image.reference),
    allowSysAdminWithoutEscalation: containers.some(
      ({ securityContext }) =>
        securityContext?.allowPrivilegeEscalation !== true &&
        securityContext?.capabilities?.add?.includes('CAP_SYS_ADMIN'),
    ),
    allowRestartContainerForInit: (spec.initContainers ?? []).some(
      (container) =>
        !isRestartableInitContainer(container) &&
        container.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer'),
    ),
    allowUserNamespaceOnHostNetwork:
      strict.allowUserNamespaceOnHostNetwork || (spec.hostNetwork === true && !hostUsers),
    allowComparingTolerations:
      strict.allowComparingTolerations ||
      (spec.tolerations ?? []).some(({ operator }) => operator === 'Lt' || operator === 'Gt'),
    allowFileKeys:
      strict.allowFileKeys || containers.some(({ env }) => env?.some(({ valueFrom }) => valueFrom?.fileKeyRef)),
    allowRestartRules:
      strict.allowRestartRules ||
      (spec.containers ?? []).some(({ restartPolicy }) => restartPolicy !== undefined) ||
      (spec.initContainers ?? []).some(
        ({ restartPolicy = 'Always', restartPolicyRules }) => restartPolicy !== 'Always' || restartPolicyRules?.length,
      ),
    allowRestartAll: strict.allowRestartAll || hasRestartAllRule({ ...spec, initContainers: [] }),
    allowAnySELinuxChange: strict.allowAnySELinuxChange || spec.securityContext?.seLinuxChangePolicy !== undefined,
  }
}

function hasPartOfPage(resources: ResourceList = {}): boolean {
  return Object.entries(resources).some(([name, quantity]) => isHugePages(name) && !isWholePages(name, quantity))
}

function hasInvalidSelector(affinity: PodAffinity | undefined): boolean {
  if (!affinity) return false
  const terms = [
    ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => one.podAffinityTerm),
  ]
  return terms.some(
    ({ labelSelector, namespaceSelector }) =>
      validateLabelSelector(labelSelector, '').length > 0 || validateLabelSelector(namespaceSelector, '').length > 0,
  )
}
