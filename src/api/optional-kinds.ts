import { bindingConversion } from './admissionregistration/v1alpha1/conversion.ts'
import { requestConversion } from './certificates/v1beta1/conversion.ts'
import { storageVersions } from './apiserverinternal/v1alpha1/storage-version.ts'
import { leaseCandidates } from './coordination/v1beta1/lease-candidate.ts'
import { defineVersion, type VersionConversion } from './define-version.ts'
import type { ResourceDefinition } from './definition.ts'
import { kinds } from './kinds.ts'
import { evictionRequests } from './lifecycle/v1alpha1/eviction-request.ts'
import { evictions } from './lifecycle/v1alpha1/eviction.ts'
import { resourcePoolStatusRequests } from './resource/v1alpha3/resource-pool-status-request.ts'
import { claimConversion, sliceConversion, templateConversion } from './resource/v1beta1/conversion.ts'
import { compositePodGroups } from './scheduling/v1alpha3/composite-pod-group.ts'
import { podGroups } from './scheduling/v1beta1/pod-group.ts'
import { workloads } from './scheduling/v1beta1/workload.ts'
import { resourceFacts, servedByDefault } from './schema/facts.ts'

/** Kinds that no version serves by default; the version that is declared is the one whose rules hold for the others. */
const ownKinds: readonly ResourceDefinition[] = [
  podGroups,
  workloads,
  compositePodGroups,
  leaseCandidates,
  resourcePoolStatusRequests,
  storageVersions,
  evictionRequests,
  evictions,
]

/** Versions that differ from the declared one by more than their name. */
const conversions: Readonly<Record<string, VersionConversion>> = {
  'admissionregistration.k8s.io/v1alpha1/MutatingAdmissionPolicyBinding': bindingConversion,
  'certificates.k8s.io/v1beta1/PodCertificateRequest': requestConversion,
  'resource.k8s.io/v1beta2/DeviceTaintRule': { allowUnconditionalUpdate: true },
  'resource.k8s.io/v1alpha3/DeviceTaintRule': { allowUnconditionalUpdate: true },
  'resource.k8s.io/v1beta1/ResourceClaim': claimConversion,
  'resource.k8s.io/v1beta1/ResourceClaimTemplate': templateConversion,
  'resource.k8s.io/v1beta1/ResourceSlice': sliceConversion,
}

/**
 * Every kind in the versions that are off by default, in upstream's order. Loaded only when one of them is turned on.
 * A version of a kind that is declared elsewhere needs no declaration: the facts table knows it.
 */
export const optionalKinds: readonly ResourceDefinition[] = resourceFacts
  .filter(({ version }) => !servedByDefault(version))
  .map(({ group, version, kind }) => {
    const declared = [...kinds, ...ownKinds].filter((each) => each.group === group && each.kind === kind)
    const own = declared.find((each) => each.version === version)
    if (own !== undefined) return own
    const hub = declared[0]
    if (hub === undefined) throw new Error(`${kind} of ${group} is not declared in any version`)
    return defineVersion({ group, version, kind }, hub, conversions[`${group}/${version}/${kind}`])
  })
