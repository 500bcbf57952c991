import { validateClusterIps } from '../../../api/core/v1/service/cluster-ips.ts'
import type { Service } from '../../../api/types.generated.ts'
import { invalid } from '../../../machinery/errors.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual, type Draft } from '../../../machinery/json.ts'
import { familyOf, type IpFamily } from './address-range.ts'

type Spec = Draft<NonNullable<Service['spec']>>
type OldSpec = NonNullable<Service['spec']>

const kind = { group: '', kind: 'Service' }

/**
 * Fills ipFamilyPolicy and ipFamilies, or refuses combinations that cannot be had
 * (pkg/registry/core/service/storage/alloc.go, initIPFamilyFields). `families`: those of the cluster, the default first.
 */
export function initIpFamilies(
  spec: Spec,
  old: OldSpec | undefined,
  families: readonly IpFamily[],
  name: string,
): void {
  if (spec.type === 'ExternalName') return
  if (old !== undefined && keepsPreferDualStack(spec, old)) return
  const headlessBare = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (headlessBare ? 'RequireDualStack' : 'SingleStack')
  const policy = spec.ipFamilyPolicy
  // What makes no sense by itself is told before anything is allocated, and alone.
  const faults = validateClusterIps(spec, old)
  if (faults.length > 0) throw invalid(kind, name, faults)
  const errors: FieldError[] = []
  const refuse = (field: string, value: unknown, detail: string) =>
    errors.push(fieldErrors.invalid(field, value, detail))
  if (old !== undefined) narrow(spec, old, refuse)
  if (policy === 'SingleStack') {
    const detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    if (spec.clusterIPs?.length === 2) refuse('spec.ipFamilyPolicy', policy, `${detail} cluster IPs are specified`)
    if (spec.ipFamilies?.length === 2) refuse('spec.ipFamilyPolicy', policy, `${detail} IP families are specified`)
  }
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None') break
    if (index < (spec.ipFamilies?.length ?? 0)) continue
    const family = familyOf(address)
    if (families.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family]
    else refuse(`spec.clusterIPs[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`)
  }
  if (errors.length > 0) throw invalid(kind, name, errors)
  if (headlessBare) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = [families[0]!]
    if (spec.ipFamilies.length < 2 && policy !== 'SingleStack')
      spec.ipFamilies.push(other(spec.ipFamilies[0] as IpFamily))
    return
  }
  if (policy === 'RequireDualStack' && families.length < 2) {
    refuse('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services')
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (!families.includes(family as IpFamily)) {
      refuse(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')
    }
  }
  if (errors.length > 0) throw invalid(kind, name, errors)
  if (!spec.ipFamilies?.length) spec.ipFamilies = [families[0]!]
  if (policy !== 'SingleStack' && spec.ipFamilies.length === 1 && families.length === 2) {
    spec.ipFamilies.push(other(spec.ipFamilies[0] as IpFamily))
  }
}

/** A single-stack policy lets the second address go; otherwise letting it go needs that policy. */
function narrow(spec: Spec, old: OldSpec, refuse: (field: string, value: unknown, detail: string) => void): void {
  const reduced = (now: readonly string[] | undefined, before: readonly string[] | undefined) =>
    (now?.length ?? 0) > 0 && (now?.length ?? 0) < (before?.length ?? 0)
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const { clusterIPs, ipFamilies } = spec
    if (clusterIPs && clusterIPs.length > 1 && jsonEqual(clusterIPs, old.clusterIPs))
      spec.clusterIPs = clusterIPs.slice(0, 1)
    if (ipFamilies && ipFamilies.length > 1 && jsonEqual(ipFamilies, old.ipFamilies))
      spec.ipFamilies = ipFamilies.slice(0, 1)
    return
  }
  const field = 'spec.ipFamilyPolicy'
  if (reduced(spec.clusterIPs, old.clusterIPs)) {
    refuse(field, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP")
  }
  if (reduced(spec.ipFamilies, old.ipFamilies)) {
    refuse(field, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family")
  }
}

/** A PreferDualStack service is not changed when the cluster's families have (isMatchingPreferDualStackClusterIPFields). */
export function keepsPreferDualStack(spec: Spec, old: OldSpec): boolean {
  if (spec.ipFamilyPolicy !== 'PreferDualStack' || old.type !== spec.type) return false
  if (spec.type !== 'ClusterIP' && spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return false
  if (old.ipFamilyPolicy !== undefined && old.ipFamilyPolicy !== 'PreferDualStack') return false
  return (
    jsonEqual(spec.clusterIPs ?? [], old.clusterIPs ?? []) && jsonEqual(spec.ipFamilies ?? [], old.ipFamilies ?? [])
  )
}

function other(family: IpFamily): IpFamily {
  return family === 'IPv4' ? 'IPv6' : 'IPv4'
}
