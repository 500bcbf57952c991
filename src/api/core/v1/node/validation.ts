import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain, maxSubdomainLength } from '../../../../machinery/validation/dns-names.ts'
import { parseCidr } from '../../../../machinery/validation/ip-address.ts'
import { legacyCidr } from '../../../../machinery/validation/ip-fields.ts'
import { labelValue } from '../../../../machinery/validation/label-names.ts'
import { validateLabelName } from '../../../../machinery/validation/label-selector.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { configMapKey } from '../../../../machinery/validation/value-formats.ts'
import { checkPositive, checkRequired } from '../../../field-checks.ts'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, NodeStatus, Taint } from '../../../types.generated.ts'
import { validateTaintEffect } from '../pod/toleration-validation.ts'
import { validateResourceQuantity } from '../resource-names.ts'

/** pkg/apis/core/validation ValidateNode; taints of nodes are said to be in their metadata, upstream too. */
const taintsField = 'metadata.taints'

export function validateNode({ spec = {}, status }: Node): FieldError[] {
  const errors = validateTaints(spec.taints, taintsField)
  errors.push(...validateResources(status))
  const swap = status?.nodeInfo?.swap
  if (swap?.capacity !== undefined) errors.push(...checkPositive(swap.capacity, 'metadata.nodeSwapStatus.capacity'))
  errors.push(...validateFeatures(status?.declaredFeatures))
  const { podCIDRs = [] } = spec
  for (const [index, cidr] of podCIDRs.entries()) errors.push(...legacyCidr(`spec.podCIDRs[${index}]`, cidr))
  if (podCIDRs.length > 1) errors.push(...validateCidrPair(podCIDRs))
  return errors
}

function validateCidrPair(cidrs: readonly string[]): FieldError[] {
  const parsed = cidrs.map(parseCidr)
  const bad = parsed.findIndex((cidr) => cidr === undefined)
  const errors: FieldError[] = []
  if (bad >= 0) {
    const why = `invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${cidrs[bad]})`
    const detail = `invalid PodCIDRs. failed to check with dual stack with error:${why}`
    errors.push(fieldErrors.internal('spec.podCIDRs', detail))
  }
  const families = new Set(parsed.map((cidr) => cidr?.address.isV4))
  if (bad >= 0 || families.size !== 2 || cidrs.length > 2) {
    errors.push(fieldErrors.invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'))
  }
  return errors
}

function validateResources(status: NodeStatus | undefined): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((member) =>
    Object.entries(status?.[member] ?? {}).flatMap(([name, quantity]) =>
      validateResourceQuantity(name, quantity, `status.${member}.${name}`),
    ),
  )
}

const featureName = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/
function validateFeatures(features: readonly string[] = []): FieldError[] {
  return features.flatMap((name, index) => {
    const field = `status.declaredFeatures[${index}]`
    const before = index > 0 ? features[index - 1]! : undefined
    const errors: FieldError[] = []
    if (name === before) errors.push(fieldErrors.duplicate(field, name))
    else if (before !== undefined && before > name) {
      errors.push(fieldErrors.invalid(field, name, 'list must be sorted alphabetically'))
    }
    const why =
      byteLength(name) > maxSubdomainLength
        ? `must be no more than ${maxSubdomainLength} characters`
        : featureName.test(name)
          ? undefined
          : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
    if (why) errors.push(fieldErrors.invalid(field, name, `invalid feature name ${goQuote(name)}: ${why}`))
    return errors
  })
}

export function validateTaints(taints: readonly Taint[] = [], field: string): FieldError[] {
  const seen = new Set<string>()
  return taints.flatMap((taint, index) => {
    const { key, value = '', effect, timeAdded } = taint
    const at = `${field}[${index}]`
    const errors = validateLabelName(key, `${at}.key`)
    const texts = labelValue(value)
    if (texts.length > 0) errors.push(fieldErrors.invalid(`${at}.value`, value, texts.join(';')))
    if (!effect) errors.push(fieldErrors.required(`${at}.effect`))
    else errors.push(...validateTaintEffect(effect, `${at}.effect`))
    const pair = `${effect}/${key}`
    if (seen.has(pair)) {
      const internal = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null }
      const detail = 'taints must be unique by key and effect pair'
      errors.push({ ...fieldErrors.duplicate(at, internal), detail })
    }
    seen.add(pair)
    return errors
  })
}

/** What a node may not change, through either door (ValidateNodeUpdate). */
export function validateNodeUpdate({ spec = {}, status }: Node, { spec: before = {} }: Node): FieldError[] {
  const errors = [...validateResources(status), ...validateFeatures(status?.declaredFeatures)]
  const seen = new Set<string>()
  for (const [index, { type, address }] of (status?.addresses ?? []).entries()) {
    const key = JSON.stringify([type, address])
    if (seen.has(key)) {
      errors.push(fieldErrors.duplicate(`status.addresses[${index}]`, { Type: type, Address: address }))
    }
    seen.add(key)
  }
  errors.push(...validateCidrChange(spec.podCIDRs, before.podCIDRs))
  if (before.providerID && spec.providerID !== before.providerID) {
    const detail = spec.providerID ? 'field cannot be modified once set' : 'field cannot be cleared once set'
    errors.push(fieldErrors.invalid('spec.providerID', null, detail))
  }
  if (spec.configSource) errors.push(...validateConfigSource(spec.configSource, 'spec.configSource', false))
  for (const member of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status?.config?.[member]
    if (source) errors.push(...validateConfigSource(source, `status.config.${member}`, true))
  }
  errors.push(...validateTaints(spec.taints, taintsField))
  if ((spec.externalID ?? '') !== (before.externalID ?? '')) {
    errors.push(fieldErrors.forbidden('spec.externalID', 'may not be updated'))
  }
  return errors
}

function validateCidrChange(cidrs: readonly string[] = [], old: readonly string[] = []): FieldError[] {
  if (old.length === 0) return []
  const changes = old.length === cidrs.length ? old.filter((cidr, index) => cidr !== cidrs[index]).length : 1
  const detail = 'node updates may not change podCIDR except from "" to valid'
  return Array.from({ length: changes }, () => fieldErrors.forbidden('spec.podCIDRs', detail))
}

/** A feature of old; `reported`: by the kubelet, which knows the version that it uses. */
function validateConfigSource(source: NodeConfigSource, field: string, reported: boolean): FieldError[] {
  if (!source.configMap) {
    return [fieldErrors.invalid(field, { ConfigMap: null }, 'exactly one reference subfield must be non-nil')]
  }
  return validateConfigMap(source.configMap, `${field}.configMap`, reported)
}

function validateConfigMap(source: ConfigMapNodeConfigSource, field: string, reported: boolean): FieldError[] {
  const errors: FieldError[] = []
  for (const member of ['uid', 'resourceVersion'] as const) {
    const at = `${field}.${member}`
    if (reported && !source[member]) errors.push(fieldErrors.required(at))
    if (!reported && source[member]) errors.push(fieldErrors.forbidden(at, `${member} must not be set in spec`))
  }
  return [
    ...errors,
    ...checkRequired(source.namespace, `${field}.namespace`, dns1123Label),
    ...checkRequired(source.name, `${field}.name`, (name) => dns1123Subdomain(name)),
    ...checkRequired(source.kubeletConfigKey, `${field}.kubeletConfigKey`, configMapKey),
  ]
}
