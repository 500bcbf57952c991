import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label } from '../../../../machinery/validation/dns-names.ts'
import { portName, portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkRequired, checkRequiredOneOf } from '../../../field-checks.ts'
import type { Container, ContainerPort, PodSpec } from '../../../types.generated.ts'
import type { AnyContainer } from './containers-of.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateHooksAndProbes } from './handlers.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { isRestartableInitContainer } from './aggregate-containers.ts'
import { validateContainerResources } from './resource-requirements.ts'
import { validateContainerRestartPolicy, validateInitRestartPolicy, validateResizePolicy } from './restart-rules.ts'
import { validateSecurityContext } from './security-context.ts'
import type { PodSpecRules } from './validation-rules.ts'
import { pullPolicies, type VolumesByName } from './volumes/volumes.ts'

/** What the containers of a pod may name beside themselves. */
export interface ContainerSurroundings {
  readonly spec: PodSpec
  readonly volumes: VolumesByName
  readonly claimNames: ReadonlySet<string>
  readonly rules: PodSpecRules
}

/** pkg/apis/core/validation validateContainers. */
export function validateContainers(around: ContainerSurroundings, field: string): FieldError[] {
  const { spec } = around
  if (!spec.containers?.length) return [fieldErrors.required(field)]
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, container] of spec.containers.entries()) {
    const at = `${field}[${index}]`
    errors.push(...validateAnyContainer(container, around, at))
    if (names.has(container.name)) errors.push(fieldErrors.duplicate(`${at}.name`, container.name))
    names.add(container.name)
    errors.push(...validateHooksAndProbes(container, spec.terminationGracePeriodSeconds, at, spec.os?.name))
    errors.push(...validateOwnRestartPolicy(container, at, around.rules))
  }
  errors.push(...validateHostPorts(spec.containers, field))
  return errors
}

function validateOwnRestartPolicy(container: Container, field: string, rules: PodSpecRules): FieldError[] {
  if (rules.allowRestartRules) return validateContainerRestartPolicy(container, field, rules)
  if (container.restartPolicy === undefined) return []
  return [fieldErrors.forbidden(`${field}.restartPolicy`, 'may not be set for non-init containers')]
}

/** Init containers, among them sidecars, which alone may have hooks and probes. */
export function validateInitContainers(around: ContainerSurroundings, field: string): FieldError[] {
  const { spec, rules } = around
  const errors: FieldError[] = []
  const names = new Set(spec.containers?.map(({ name }) => name))
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const at = `${field}[${index}]`
    errors.push(...validateAnyContainer(container, around, at), ...validateInitRestartPolicy(container, at, rules))
    if (names.has(container.name)) errors.push(fieldErrors.duplicate(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    // Without the container's own index, upstream too.
    errors.push(...validateHostPorts([container], field))
    const sidecar = isRestartableInitContainer(container)
    if (sidecar)
      errors.push(...validateHooksAndProbes(container, spec.terminationGracePeriodSeconds, at, spec.os?.name))
    else {
      for (const member of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        if (!container[member]) continue
        const detail = 'may not be set for init containers without restartPolicy=Always'
        errors.push(fieldErrors.forbidden(`${at}.${member}`, detail))
      }
    }
    if (sidecar || rules.allowRestartContainerForInit) continue
    for (const [policy, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
      if (restartPolicy !== 'RestartContainer') continue
      const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
      errors.push(fieldErrors.invalid(`${at}.resizePolicy[${policy}].restartPolicy`, restartPolicy, detail))
    }
  }
  return errors
}

/** What ephemeral containers may not have; named here in Go's order of the fields, in which upstream finds them. */
const notEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(around: ContainerSurroundings, field: string): FieldError[] {
  const { spec } = around
  const errors: FieldError[] = []
  const targets = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name))
  const names = new Set(targets)
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = `${field}[${index}]`
    const { name, targetContainerName } = container
    errors.push(...validateAnyContainer(container, around, at), ...validateImageText(container, at))
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name))
    names.add(name)
    if (targetContainerName && !targets.has(targetContainerName)) {
      errors.push(fieldErrors.notFound(`${at}.targetContainerName`, targetContainerName))
    }
    for (const member of notEphemeral) {
      const value = container[member]
      if (value === undefined || (member === 'resources' && Object.keys(value).length === 0)) continue
      errors.push(fieldErrors.forbidden(`${at}.${member}`, 'cannot be set for an Ephemeral Container'))
    }
    for (const [mount, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
      const path = `${at}.volumeMounts[${mount}]`
      const detail = 'cannot be set for an Ephemeral Container'
      if (subPath) errors.push(fieldErrors.forbidden(`${path}.subPath`, detail))
      if (subPathExpr) errors.push(fieldErrors.forbidden(`${path}.subPathExpr`, detail))
    }
  }
  return errors
}

const messagePolicies: readonly string[] = ['File', 'FallbackToLogsOnError']

/** What holds for every container (validateContainerCommon). */
function validateAnyContainer(container: AnyContainer, around: ContainerSurroundings, field: string): FieldError[] {
  const { spec, volumes, claimNames, rules } = around
  const errors = checkRequired(container.name, `${field}.name`, dns1123Label)
  if (!container.image) errors.push(fieldErrors.required(`${field}.image`))
  const { terminationMessagePolicy, ports, env, envFrom, imagePullPolicy, resources, resizePolicy } = container
  errors.push(
    ...checkRequiredOneOf(terminationMessagePolicy, `${field}.terminationMessagePolicy`, messagePolicies),
    ...validatePorts(ports, `${field}.ports`),
    ...validateEnv(env, `${field}.env`, rules),
    ...validateEnvFrom(envFrom, `${field}.envFrom`),
    ...validateMounts(container, volumes, `${field}.volumeMounts`),
    ...validateDevices(container, volumes, `${field}.volumeDevices`),
    ...checkRequiredOneOf(imagePullPolicy, `${field}.imagePullPolicy`, pullPolicies),
    ...validateContainerResources(resources, claimNames, `${field}.resources`, rules),
    ...validateResizePolicy(resizePolicy, `${field}.resizePolicy`, spec.restartPolicy),
    ...validateSecurityContext(container.securityContext, `${field}.securityContext`, spec.hostUsers !== false, rules),
  )
  return errors
}

/** What templates are let through with, but pods are not. */
export function validateImageText({ image = '' }: AnyContainer, field: string): FieldError[] {
  if (image === image.trim()) return []
  return [fieldErrors.invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')]
}

const protocols: readonly string[] = ['SCTP', 'TCP', 'UDP']

function validatePorts(ports: readonly ContainerPort[] = [], field: string): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const at = `${field}[${index}]`
    if (name) {
      const faults = checkField(name, `${at}.name`, portName)
      if (faults.length > 0) errors.push(...faults)
      else if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name))
      else names.add(name)
    }
    if (!containerPort) errors.push(fieldErrors.required(`${at}.containerPort`))
    else errors.push(...checkField(containerPort, `${at}.containerPort`, portNumber))
    if (hostPort) errors.push(...checkField(hostPort, `${at}.hostPort`, portNumber))
    errors.push(...checkRequiredOneOf(protocol, `${at}.protocol`, protocols))
  }
  return errors
}

/** Two containers cannot have the same port of the host. */
function validateHostPorts(containers: readonly Container[], field: string): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [at, { hostPort, hostIP = '', protocol = '' }] of ports.entries()) {
      if (!hostPort) continue
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) errors.push(fieldErrors.duplicate(`${field}[${index}].ports[${at}].hostPort`, key))
      taken.add(key)
    }
  }
  return errors
}
