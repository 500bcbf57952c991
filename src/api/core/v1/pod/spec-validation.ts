import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import type { ObjectMeta } from '../../../../machinery/meta/object.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { validateLabels } from '../../../../machinery/validation/label-selector.ts'
import { inclusiveRange } from '../../../../machinery/validation/message-text.ts'
import { checkField, checkRequired, checkRequiredOneOf } from '../../../field-checks.ts'
import type { PodSpec } from '../../../types.generated.ts'
import { validateAffinity } from './affinity.ts'
import { containersOf } from './containers-of.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts'
import { validateDnsConfig, validateDnsPolicy, validateHostAliases, validateHostnameOverride } from './dns.ts'
import { validateFileKeyVolumes } from './environment.ts'
import { validatePodClaims } from './resource-claims.ts'
import { validateContainerResources, validatePodResources } from './resource-requirements.ts'
import { validatePreemptionPolicy, validateReadinessGates, validateSchedulingGates } from './scheduling.ts'
import { validatePodSecurityContext } from './security-context.ts'
import { validateTolerations } from './toleration-validation.ts'
import { validateSpreadConstraints } from './topology-spread.ts'
import type { PodSpecRules } from './validation-rules.ts'
import { validateVolumes } from './volumes/volumes.ts'
import { validateForSystem, validateHostProcesses } from './windows.ts'

const restartPolicies: readonly string[] = ['Always', 'OnFailure', 'Never']
const maxInt32 = 2 ** 31 - 1
const subdomain = (name: string): string[] => dns1123Subdomain(name)

/**
 * A pod's spec, of its own or in a template (pkg/apis/core/validation ValidatePodSpec). `metadata`: a pod's, for what
 * is named after it.
 */
export function validatePodSpec(
  spec: PodSpec,
  metadata: ObjectMeta | undefined,
  field: string,
  rules: PodSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.push(fieldErrors.required(`${field}.terminationGracePeriodSeconds`))
  }
  const { errors: volumeErrors, byName } = validateVolumes(spec.volumes, metadata?.name, `${field}.volumes`, rules)
  errors.push(...volumeErrors)
  const claimNames = new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean))
  errors.push(...validatePodClaims(spec.resourceClaims, metadata, `${field}.resourceClaims`))
  const around = { spec, volumes: byName, claimNames, rules }
  errors.push(...validateContainers(around, `${field}.containers`))
  errors.push(...validateInitContainers(around, `${field}.initContainers`))
  errors.push(...validateEphemeralContainers(around, `${field}.ephemeralContainers`))
  if (rules.allowPodLevelResources) errors.push(...validatePodResources(spec, claimNames, field, rules))
  errors.push(...validateHostNetworkPorts(spec, field, rules))
  errors.push(...checkRequiredOneOf(spec.restartPolicy, `${field}.restartPolicy`, restartPolicies))
  errors.push(...validateDnsPolicy(spec.dnsPolicy, `${field}.dnsPolicy`))
  errors.push(...validateLabels(spec.nodeSelector, `${field}.nodeSelector`))
  errors.push(...validatePodSecurityContext(spec.securityContext, spec, `${field}.securityContext`, rules))
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(fieldErrors.invalid(`${field}.shareProcessNamespace`, true, detail))
  }
  errors.push(...validateAffinity(spec.affinity, `${field}.affinity`, rules))
  errors.push(...validateDnsConfig(spec, `${field}.dnsConfig`))
  errors.push(...validateReadinessGates(spec.readinessGates, `${field}.readinessGates`))
  errors.push(...validateSchedulingGates(spec.schedulingGates, `${field}.schedulingGates`))
  errors.push(...validateSpreadConstraints(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`, rules))
  errors.push(...validateHostProcesses(spec, field))
  errors.push(...validateUserNamespace(spec, field, rules))
  errors.push(...validateHostnameOverride(spec, field))
  errors.push(...validateNames(spec, field))
  errors.push(...validateTolerations(spec.tolerations, `${field}.tolerations`, rules))
  errors.push(...validateHostAliases(spec.hostAliases, `${field}.hostAliases`))
  if (spec.priorityClassName) {
    errors.push(...checkField(spec.priorityClassName, `${field}.priorityClassName`, subdomain))
  }
  if (spec.runtimeClassName !== undefined) {
    errors.push(...checkField(spec.runtimeClassName, `${field}.runtimeClassName`, subdomain))
  }
  if (spec.preemptionPolicy !== undefined) {
    errors.push(...validatePreemptionPolicy(spec.preemptionPolicy, `${field}.preemptionPolicy`))
  }
  if (spec.overhead !== undefined) {
    errors.push(...validateContainerResources({ limits: spec.overhead }, new Set(), `${field}.overhead`, rules))
  }
  errors.push(...validateSystem(spec, field))
  errors.push(...validateSchedulingGroup(spec, `${field}.schedulingGroup`))
  errors.push(...validateFileKeyVolumes(spec, field))
  return errors
}

/** Where the pod has the node's network, a port is the node's. */
function validateHostNetworkPorts(spec: PodSpec, field: string, rules: PodSpecRules): FieldError[] {
  if (!spec.hostNetwork) return []
  const errors: FieldError[] = []
  for (const [index, { ports = [] }] of (spec.containers ?? []).entries()) {
    for (const [at, { hostPort = 0, containerPort }] of ports.entries()) {
      // In templates it will be set when there is a pod.
      if (hostPort === containerPort || (hostPort === 0 && !rules.isPod)) continue
      const path = `${field}.containers[${index}].ports[${at}].hostPort`
      errors.push(fieldErrors.invalid(path, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
    }
  }
  return errors
}

/** What does not go with a user namespace of the pod's own. */
function validateUserNamespace(spec: PodSpec, field: string, rules: PodSpecRules): FieldError[] {
  if (spec.hostUsers !== false) return []
  const errors: FieldError[] = []
  const forbid = (at: string) => errors.push(fieldErrors.forbidden(at, 'when `hostUsers` is false'))
  if (spec.hostNetwork && !rules.allowUserNamespaceOnHostNetwork) forbid(`${field}.hostNetwork`)
  if (spec.hostPID) forbid(`${field}.HostPID`)
  if (spec.hostIPC) forbid(`${field}.HostIPC`)
  if (rules.allowVolumeDevicesInUserNamespace) return errors
  for (const [container, at] of containersOf(spec, field)) {
    if (container.volumeDevices?.length) forbid(`${at}.volumeDevices`)
  }
  return errors
}

function validateNames(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const { serviceAccountName = '', serviceAccount = serviceAccountName, nodeName, activeDeadlineSeconds } = spec
  if (serviceAccountName) errors.push(...checkField(serviceAccountName, `${field}.serviceAccountName`, subdomain))
  if (serviceAccount !== serviceAccountName) {
    const detail = `must be the same as serviceAccountName: ${goQuote(serviceAccountName)}`
    errors.push(fieldErrors.invalid(`${field}.deprecatedServiceAccount`, serviceAccount, detail))
  }
  if (nodeName) errors.push(...checkField(nodeName, `${field}.nodeName`, subdomain))
  if (activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > maxInt32)) {
    const detail = inclusiveRange(1, maxInt32)
    errors.push(fieldErrors.invalid(`${field}.activeDeadlineSeconds`, activeDeadlineSeconds, detail))
  }
  if (spec.hostname) errors.push(...checkField(spec.hostname, `${field}.hostname`, dns1123Label))
  if (spec.subdomain) errors.push(...checkField(spec.subdomain, `${field}.subdomain`, dns1123Label))
  return errors
}

function validateSchedulingGroup({ schedulingGroup, evictionResponders = [] }: PodSpec, field: string): FieldError[] {
  if (schedulingGroup === undefined) return []
  const { podGroupName: name } = schedulingGroup
  const at = `${field}.podGroupName`
  const errors =
    name === undefined
      ? [fieldErrors.invalid(at, null, 'must specify one of: `podGroupName`')]
      : checkField(name, at, subdomain)
  if (evictionResponders.length === 0) return errors
  return [...errors, fieldErrors.forbidden(field, 'may not be set when evictionResponders is set')]
}

const systems: readonly string[] = ['linux', 'windows']
function validateSystem(spec: PodSpec, field: string): FieldError[] {
  if (!spec.os) return []
  const { name } = spec.os
  const errors = checkRequired(name, `${field}.os.name`)
  if (name && !systems.includes(name)) errors.push(fieldErrors.notSupported(`${field}.os`, name, systems))
  return errors.length > 0 ? errors : validateForSystem(spec, field)
}
