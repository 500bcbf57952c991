import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import type { RuleContext } from '../../../definition.ts'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../types.generated.ts'
import { mirrorAnnotation } from './annotations.ts'
import { isRestartableInitContainer } from './aggregate-containers.ts'
import { podQosClass } from './pod-resources.ts'
import type { ResourceList } from './resource-list.ts'
import { podUpdateRules } from './update-validation.ts'
import { validateVolumeResize } from './volume-resize.ts'
import { validateMetadataAndSpec } from './validation.ts'

/** More or less CPU and memory for what runs already (pkg/apis/core/validation ValidatePodResize). */
const onlyMutableText = 'only cpu and memory resources are mutable'

export function validatePodResize(pod: Pod, old: Pod, context: Pick<RuleContext, 'enabled'>): FieldError[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [fieldErrors.forbidden('', 'static pods cannot be resized')]
  }
  if (old.spec?.os?.name === 'windows') return [fieldErrors.forbidden('', 'windows pods cannot be resized')]
  const rules = podUpdateRules(old, context)
  const errors = validateMetadataAndSpec(pod, rules)
  const spec = pod.spec!
  const before = old.spec!
  if ((old.status?.qosClass ?? podQosClass(before, context.enabled)) !== podQosClass(spec, context.enabled)) {
    const detail = 'Pod QOS Class may not change as a result of resizing'
    errors.push(fieldErrors.invalid('spec', pod.status?.qosClass ?? '', detail))
  }
  if (!canResize(old)) errors.push(fieldErrors.forbidden('spec', 'Pod running on node without support for resize'))
  const rest: Changing = { ...spec }
  if (hasResources(before.resources) || hasResources(spec.resources)) {
    if (!rules.allowPodLevelResize) {
      const gate = 'InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled'
      return [...errors, fieldErrors.forbidden('', `resize of pods with pod-level resources is forbidden when ${gate}`)]
    }
    errors.push(...validatePodLevel(spec, before, rest))
  }
  const order = validateOrder(spec, before)
  if (order.length > 0) return [...errors, ...order]
  errors.push(...validateContainers(spec, before, rest))
  if (rules.allowVolumeResize) {
    errors.push(...validateVolumeResize(spec.volumes, before.volumes))
    if (before.volumes === undefined) delete rest.volumes
    else rest.volumes = before.volumes
  } else if (!jsonEqual(spec.volumes, before.volumes)) {
    const detail =
      'volumes are immutable on resize when InPlacePodVerticalScalingMemoryBackedVolumes feature gate is disabled'
    errors.push(fieldErrors.forbidden('spec.volumes', detail))
  }
  if (errors.length === 0 && !jsonEqual(rest, before)) errors.push(fieldErrors.forbidden('spec', onlyMutableText))
  return errors
}

type Changing = { -readonly [Member in keyof PodSpec]: PodSpec[Member] }

function hasResources(resources: ResourceRequirements | undefined): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0
}

/** Kubelets that can resize report the resources of running containers. */
function canResize({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running)
  return running === undefined || running.resources !== undefined
}

function validatePodLevel(spec: PodSpec, old: PodSpec, rest: Changing): FieldError[] {
  if (old.resources && !spec.resources) {
    return [fieldErrors.forbidden('spec.resources', 'pod-level resources cannot be removed')]
  }
  const errors = old.resources ? validateNotRemoved(spec.resources, old.resources, 'spec.resources', 'pod-level ') : []
  const masked = mask(spec.resources, old.resources)
  if (old.resources === undefined && (masked === undefined || isEmpty(masked))) delete rest.resources
  else rest.resources = masked
  if (!jsonEqual(rest.resources, old.resources)) {
    errors.push(fieldErrors.forbidden('spec', 'only cpu and memory resources are mutable at pod-level'))
  }
  return errors
}

function validateNotRemoved(
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
  field: string,
  level = '',
): FieldError[] {
  const errors: FieldError[] = []
  for (const member of ['requests', 'limits'] as const) {
    const now = resources?.[member] ?? {}
    if (Object.keys(old?.[member] ?? {}).every((name) => Object.hasOwn(now, name))) continue
    errors.push(fieldErrors.forbidden(`${field}.${member}`, `${level}resource ${member} cannot be removed`))
  }
  return errors
}

/** Containers keep their names and places. */
function validateOrder(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  for (const member of ['containers', 'initContainers'] as const) {
    const [now, before] = [spec[member] ?? [], old[member] ?? []]
    if (now.length !== before.length) {
      errors.push(fieldErrors.forbidden(`spec.${member}`, `${member} may not be added or removed on resize`))
      continue
    }
    for (const [index, { name }] of before.entries()) {
      if (now[index]!.name === name) continue
      const detail = `${member} may not be renamed or reordered on resize`
      errors.push(fieldErrors.forbidden(`spec.${member}[${index}].name`, detail))
    }
  }
  return errors
}

function validateContainers(spec: PodSpec, old: PodSpec, rest: Changing): FieldError[] {
  const errors: FieldError[] = []
  for (const member of ['initContainers', 'containers'] as const) {
    for (const [index, before] of (old[member] ?? []).entries()) {
      const field = `spec.${member}[${index}].resources`
      errors.push(...validateNotRemoved(spec[member]![index]!.resources, before.resources, field))
    }
  }
  rest.containers = spec.containers.map((container, index) => {
    const masked = maskContainer(container, old.containers[index]!)
    if (!jsonEqual(masked, old.containers[index])) errors.push(fieldErrors.forbidden('spec', onlyMutableText))
    return masked
  })
  if (!spec.initContainers) return errors
  rest.initContainers = spec.initContainers.map((container, index) => {
    const before = old.initContainers![index]!
    const field = `spec.initContainers[${index}]`
    const masked = maskContainer(container, before)
    if (!jsonEqual(masked, before)) {
      const detail = 'only cpu and memory resources for init or sidecar containers are mutable'
      errors.push(fieldErrors.forbidden(field, detail))
    }
    if (isRestartableInitContainer(container) || jsonEqual(container, before)) return masked
    for (const { restartPolicy } of masked.resizePolicy ?? []) {
      if (restartPolicy !== 'RestartContainer') continue
      const detail = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
      errors.push(fieldErrors.forbidden(field, detail))
    }
    return masked
  })
  return errors
}

function maskContainer(container: Container, old: Container): Container {
  const { resources: _, ...others } = container
  const resources = mask(container.resources, old.resources)
  if (resources === undefined || (isEmpty(resources) && old.resources === undefined)) return others
  return { ...others, resources }
}

/** The new resources with the old CPU and memory. */
function mask(
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (resources === undefined && old === undefined) return undefined
  const masked: { requests?: ResourceList; limits?: ResourceList } = {}
  for (const member of ['requests', 'limits'] as const) {
    const { cpu: _cpu, memory: _memory, ...others } = resources?.[member] ?? ({} as ResourceList)
    const { cpu, memory } = old?.[member] ?? ({} as ResourceList)
    const list = { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
    if (Object.keys(list).length > 0) masked[member] = list as ResourceList
  }
  return { ...(resources?.claims && { claims: resources.claims }), ...masked }
}

function isEmpty(resources: ResourceRequirements): boolean {
  return Object.keys(resources).length === 0
}
