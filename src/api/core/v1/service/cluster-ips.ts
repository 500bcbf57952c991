import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { parseIp } from '../../../../machinery/validation/ip-address.ts'
import { legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { ServiceSpec } from '../../../types.generated.ts'

/** Addresses of services and their families (pkg/apis/core/validation ValidateServiceClusterIPsRelatedFields). */
const families: readonly string[] = ['IPv4', 'IPv6']
const familyPolicies: readonly string[] = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === 'None'
}

export function validateClusterIps(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const field = 'spec.clusterIPs'
  const errors: FieldError[] = []
  const wrong = (detail: string) => errors.push(fieldErrors.invalid(field, clusterIPs, detail))
  if (clusterIP && clusterIPs.length === 0) errors.push(fieldErrors.required(field))
  else if (clusterIP && clusterIPs[0] !== clusterIP) wrong('first value must match `clusterIP`')
  else if (!clusterIP && clusterIPs.length > 0) wrong('must be empty when `clusterIP` is not specified')
  const seen = new Set<string>()
  for (const [index, family] of ipFamilies.entries()) {
    errors.push(...checkOneOf(family, `spec.ipFamilies[${index}]`, families))
    if (seen.has(family)) errors.push(fieldErrors.duplicate(`spec.ipFamilies[${index}]`, family))
    seen.add(family)
  }
  if (ipFamilyPolicy !== undefined) errors.push(...checkOneOf(ipFamilyPolicy, 'spec.ipFamilyPolicy', familyPolicies))
  let invalid = false
  for (const [index, address] of clusterIPs.entries()) {
    if (index === 0 && address === 'None') {
      if (clusterIPs.length === 1) continue
      invalid = true
      wrong("'None' must be the first and only value")
      continue
    }
    const faults = legacyIp(`${field}[${index}]`, address, old?.clusterIPs)
    invalid ||= faults.length > 0
    errors.push(...faults)
  }
  if (clusterIPs.length > 2) wrong('may only hold up to 2 values')
  if (invalid) return errors
  const isV4 = (address: string) => parseIp(address)?.isV4 === true
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(isV4)).size !== 2) {
    wrong('may specify no more than one IP for each IP family')
  }
  if (isHeadless(spec)) return errors
  for (const [index, address] of clusterIPs.slice(0, ipFamilies.length).entries()) {
    const family = ipFamilies[index]!
    if (isV4(address) === (family === 'IPv4') || !families.includes(family)) continue
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
    errors.push(fieldErrors.invalid(`${field}[${index}]`, address, detail))
  }
  return errors
}

/** The first address and family stay; a second comes and goes (validateUpgradeDowngradeClusterIPs, …IPFamilies). */
export function validateClusterIpChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  const headless = isHeadless(spec)
  const wasHeadless = isHeadless(old)
  const errors: FieldError[] = []
  if (!(headless && wasHeadless)) errors.push(...validateAddressChange(spec, old))
  if (!headless && !wasHeadless) errors.push(...validateFamilyChange(spec, old))
  return errors
}

const fixedText = 'may not change once set'

function validateAddressChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const { clusterIPs = [] } = spec
  const { clusterIPs: before = [] } = old
  const errors: FieldError[] = []
  const wrong = (index: number, detail: string) =>
    errors.push(fieldErrors.invalid(`spec.clusterIPs[${index}]`, clusterIPs.length > 0 ? clusterIPs : null, detail))
  if (before.length === clusterIPs.length) {
    for (const [index, address] of before.entries()) if (address !== clusterIPs[index]) wrong(index, fixedText)
    return errors
  }
  const removed = before.length > clusterIPs.length
  if (removed && clusterIPs.length === 0) wrong(0, 'primary clusterIP can not be unset')
  if (before.length > 0 && clusterIPs.length > 0 && clusterIPs[0] !== before[0]) wrong(0, fixedText)
  if (removed && clusterIPs.length === 1) errors.push(...mustBeSingle(spec, 'clusterIP'))
  return errors
}

function validateFamilyChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const { ipFamilies = [], clusterIPs = [] } = spec
  const { ipFamilies: before = [] } = old
  const field = 'spec.ipFamilies[0]'
  if (before.length === ipFamilies.length) {
    const changed = before.filter((family, index) => family !== ipFamilies[index])
    return changed.map(() => fieldErrors.invalid(field, ipFamilies, fixedText))
  }
  const errors: FieldError[] = []
  const removed = before.length > ipFamilies.length
  if (removed && clusterIPs.length === 0) {
    const bad = ipFamilies.length > 0 ? ipFamilies : null
    errors.push(fieldErrors.invalid(field, bad, 'primary ipFamily can not be unset'))
  }
  if (before.length > 0 && ipFamilies.length > 0 && ipFamilies[0] !== before[0]) {
    // The addresses are quoted, not the families, upstream too.
    errors.push(fieldErrors.invalid(field, clusterIPs, fixedText))
  }
  if (removed && ipFamilies.length === 1) errors.push(...mustBeSingle(spec, 'ipFamily'))
  return errors
}

function mustBeSingle({ ipFamilyPolicy }: ServiceSpec, what: string): FieldError[] {
  if (ipFamilyPolicy === 'SingleStack') return []
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`
  return [fieldErrors.invalid('spec.ipFamilyPolicy', ipFamilyPolicy ?? null, detail)]
}
