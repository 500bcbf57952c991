import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { parseIp } from '../../../../machinery/validation/ip-address.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import type { RuleContext } from '../../../definition.ts'
import { checkField } from '../../../field-checks.ts'
import type { Pod, PodCondition, PodSpec, PodStatus } from '../../../types.generated.ts'
import { validateContainerStatuses } from './container-status-validation.ts'
import { validateAnnotationUpdate, podUpdateRules } from './update-validation.ts'
import { hasRestartAllRule, mayRestart } from './restart-rules.ts'
import type { PodSpecRules } from './validation-rules.ts'

/** What kubelets and schedulers may report (pkg/apis/core/validation ValidatePodStatusUpdate). */
export function validatePodStatusUpdate(pod: Pod, old: Pod, context: Pick<RuleContext, 'enabled'>): FieldError[] {
  const rules = podUpdateRules(old, context)
  const spec = pod.spec!
  const status = pod.status ?? {}
  const before = old.status ?? {}
  const errors = validateAnnotationUpdate(pod, old, rules)
  errors.push(...validateConditions(status.conditions))
  if (spec.nodeName !== old.spec?.nodeName) {
    errors.push(fieldErrors.forbidden('status.nodeName', 'may not be changed directly'))
  }
  errors.push(...validateNominatedNode(status, old, rules))
  if ((status.observedGeneration ?? 0) < 0) {
    const detail = 'must be a non-negative integer'
    errors.push(fieldErrors.invalid('status.observedGeneration', status.observedGeneration, detail))
  }
  errors.push(...validateImmutable(status.qosClass ?? '', before.qosClass ?? '', 'status.qosClass'))
  errors.push(...validateTransitions(status, old, rules))
  errors.push(...validateClaimStatuses(status, spec))
  errors.push(...validateExtendedClaim(status, spec))
  errors.push(...validateAddresses('podIP', status.podIP, status.podIPs, before.podIPs))
  errors.push(...validateAddresses('hostIP', status.hostIP, status.hostIPs, before.hostIPs))
  errors.push(...validateContainerStatuses(status, spec, rules))
  return errors
}

const ownConditions: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized'])

function validateConditions(conditions: readonly PodCondition[] = []): FieldError[] {
  return conditions.flatMap(({ type, observedGeneration = 0 }, index) => {
    const field = `status.conditions[${index}]`
    const errors: FieldError[] = []
    if (observedGeneration < 0) {
      const detail = 'must be a non-negative integer'
      errors.push(fieldErrors.invalid(`${field}.observedGeneration`, observedGeneration, detail))
    }
    if (!ownConditions.has(type)) errors.push(...checkField(type, `${field}.Type`, qualifiedName))
    return errors
  })
}

function validateNominatedNode({ nominatedNodeName }: PodStatus, old: Pod, rules: PodSpecRules): FieldError[] {
  if (!nominatedNodeName || nominatedNodeName === old.status?.nominatedNodeName) return []
  const field = 'status.nominatedNodeName'
  const errors = checkField(nominatedNodeName, field, (name) => dns1123Subdomain(name))
  if (old.spec?.nodeName && !rules.allowLateNomination) {
    errors.push(fieldErrors.forbidden(field, 'may not be set on pods that are already bound to a node'))
  }
  return errors
}

/** What has ended for good does not start again. */
function validateTransitions(status: PodStatus, { spec, status: before = {} }: Pod, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  const restartsAll = rules.allowRestartRules && rules.allowRestartAll && hasRestartAllRule(spec!)
  for (const [member, containers] of [
    ['containerStatuses', spec!.containers],
    ['initContainerStatuses', spec!.initContainers],
    ['ephemeralContainerStatuses', undefined],
  ] as const) {
    if (restartsAll && member !== 'ephemeralContainerStatuses') continue
    for (const [index, { name, state }] of (before[member] ?? []).entries()) {
      if (!state?.terminated) continue
      const now = status[member]?.find((one) => one.name === name && !one.state?.terminated)
      if (now === undefined) continue
      const container = rules.allowRestartRules ? containers?.find((one) => one.name === name) : { name }
      if (container && mayRestart(container, spec!, state.terminated.exitCode, rules)) continue
      const detail = 'may not be transitioned to non-terminated state'
      errors.push(fieldErrors.forbidden(`status.${member}[${index}].state`, detail))
    }
  }
  return errors
}

function validateClaimStatuses({ resourceClaimStatuses = [] }: PodStatus, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, { name, resourceClaimName }] of resourceClaimStatuses.entries()) {
    const field = `status.resourceClaimStatuses[${index}]`
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      const detail = 'must match the name of an entry in `spec.resourceClaims`'
      errors.push(fieldErrors.invalid(`${field}.name`, name, detail))
    }
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${field}.name`, name))
    names.add(name)
    if (resourceClaimName !== undefined) {
      errors.push(...checkField(resourceClaimName, `${field}.resourceClaimName`, (text) => dns1123Subdomain(text)))
    }
  }
  return errors
}

function validateExtendedClaim({ extendedResourceClaimStatus: claim }: PodStatus, spec: PodSpec): FieldError[] {
  if (!claim) return []
  const field = 'status.extendedResourceClaimStatus'
  const errors: FieldError[] = []
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  if (!claim.requestMappings?.length) {
    errors.push(fieldErrors.required(`${field}.requestMappings`, 'at least one request mapping is required'))
  }
  const seen = new Set<string>()
  for (const [index, { containerName, resourceName, requestName }] of (claim.requestMappings ?? []).entries()) {
    const at = `${field}.requestMappings[${index}]`
    const container = containers.findLast(({ name }) => name === containerName)
    if (container === undefined) {
      const detail = 'must match the name of an entry in spec.initContainers.name or spec.containers.name'
      errors.push(fieldErrors.invalid(`${at}.containerName`, containerName, detail))
    } else if (container.resources?.requests?.[resourceName] === undefined) {
      const detail =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'
      errors.push(fieldErrors.invalid(`${at}.resourceName`, resourceName, detail))
    }
    errors.push(...checkField(requestName, `${field}.requestName`, dns1123Label))
    const key = JSON.stringify([containerName, resourceName, requestName])
    if (seen.has(key)) {
      errors.push(fieldErrors.duplicate(`${at}.containerName`, containerName))
      errors.push(fieldErrors.duplicate(`${at}.resourceName`, resourceName))
      errors.push(fieldErrors.duplicate(`${at}.requestName`, requestName))
    }
    seen.add(key)
  }
  if (!claim.resourceClaimName) errors.push(fieldErrors.required(`${field}.resourceClaimName`))
  else {
    errors.push(...checkField(claim.resourceClaimName, `${field}.resourceClaimName`, (text) => dns1123Subdomain(text)))
  }
  return errors
}

type Addresses = readonly { readonly ip?: string }[]

/** An address of each family at most, and the first said once more by itself. */
function validateAddresses(
  member: 'podIP' | 'hostIP',
  first: string | undefined,
  addresses: Addresses = [],
  old: Addresses = [],
): FieldError[] {
  const field = `status.${member}s`
  const texts = addresses.map(({ ip = '' }) => ip)
  const kept = old.map(({ ip = '' }) => ip)
  const valid = texts.flatMap((text, index) => legacyIp(`${field}[${index}]`, text, kept))
  const firstText = texts[0] ?? ''
  const mismatch = (): FieldError[] =>
    (first ?? '') === firstText
      ? []
      : [fieldErrors.invalid(`${field}[0].ip`, firstText, `must be equal to \`${member}\``)]
  const families = validateFamilies(field, addresses, texts)
  if (member === 'hostIP') return texts.length === 0 ? [] : [...mismatch(), ...valid, ...families]
  if (Boolean(first) !== texts.length > 0) {
    const detail = 'podIP and podIPs must either both be set or both be unset'
    return [...valid, ...families, fieldErrors.invalid(field, internal(addresses), detail)]
  }
  return [...valid, ...families, ...(texts.length > 0 ? mismatch() : [])]
}

/** As upstream's internal type is printed. */
function internal(addresses: Addresses): unknown {
  return addresses.map(({ ip = '' }) => ({ IP: ip }))
}

function validateFamilies(field: string, addresses: Addresses, texts: readonly string[]): FieldError[] {
  if (texts.length <= 1) return []
  const errors: FieldError[] = []
  const parsed = texts.map(parseIp)
  const bad = parsed.findIndex((address) => address === undefined)
  if (bad >= 0) {
    const detail = `failed to check for dual stack with error:invalid IP[${bad}]: ${texts[bad]}`
    errors.push(fieldErrors.internal(field, detail))
  }
  const families = new Set(parsed.map((address) => address?.isV4))
  if (bad >= 0 || families.size !== 2 || texts.length > 2) {
    errors.push(fieldErrors.invalid(field, internal(addresses), 'may specify no more than one IP for each IP family'))
  }
  return errors
}
