import type { PodSpec, ResourceRequirements } from '../../../types.generated.ts'
import { compareQuantities, equalQuantities, quantitySign } from '../../../../machinery/quantity.ts'
import type { Draft } from '../../../../machinery/json.ts'
import { defaultFeatureGates, type FeatureEnabled } from '../../../features/feature-gates.ts'
import { aggregateContainers, isPodLevelResource, type Reckoning } from './aggregate-containers.ts'
import { addResources, maxResources, type ResourceList } from './resource-list.ts'

/** What a pod asks for in all (component-helpers resource/helpers.go), and its quality of service. */
type PodContainers = Pick<PodSpec, 'containers' | 'initContainers'>

const none: ResourceList = {}

const reckoning: Reckoning<ResourceList> = { none, add: addResources, most: maxResources }

/** The requests of the containers: their sum, or the most that initialization takes at once. */
export function containerRequests(spec: PodContainers): ResourceList {
  return aggregateContainers(spec, ({ resources }) => resources?.requests ?? none, reckoning)
}

export function containerLimits(spec: PodContainers): ResourceList {
  return aggregateContainers(spec, ({ resources }) => resources?.limits ?? none, reckoning)
}

/** Those of a list that a pod as a whole may have. */
export function ofPodLevel(resources: ResourceList | undefined): ResourceList {
  return Object.fromEntries(Object.entries(resources ?? none).filter(([name]) => isPodLevelResource(name)))
}

/** What the pod needs on a node: its own requests before those of its containers, and the overhead. */
export function podRequests(spec: PodSpec): ResourceList {
  return addResources({ ...containerRequests(spec), ...ofPodLevel(spec.resources?.requests) }, spec.overhead)
}

/** What the pod may use at most; a resource without a limit is missing. */
export function podLimits(spec: PodSpec): ResourceList {
  const limits: Record<string, string> = { ...containerLimits(spec), ...ofPodLevel(spec.resources?.limits) }
  for (const [name, quantity] of Object.entries(spec.overhead ?? none)) {
    if (Object.hasOwn(limits, name) && quantitySign(limits[name]!) !== 0) {
      limits[name] = addResources({ [name]: limits[name]! }, { [name]: quantity })[name]!
    }
  }
  return limits
}

/** Whether the pod as a whole asks for resources, or limits them. */
export function hasPodLevelResources({ resources }: Pick<PodSpec, 'resources'>): boolean {
  return Object.keys({ ...ofPodLevel(resources?.requests), ...ofPodLevel(resources?.limits) }).length > 0
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

/** pkg/apis/core/helper/qos ComputePodQOS. */
export function podQosClass(spec: PodSpec, enabled: FeatureEnabled = defaultFeatureGates.enabled): QosClass {
  const own = enabled('PodLevelResourcesFixKubeletQOSClass') ? hasPodLevelResources(spec) : spec.resources !== undefined
  if (own && enabled('PodLevelResources')) return requirementsQos(spec.resources)
  const classes = new Set(
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((c) => requirementsQos(c.resources)),
  )
  if (classes.size === 0) return 'BestEffort'
  return classes.size === 1 ? [...classes][0]! : 'Burstable'
}

function requirementsQos(resources: ResourceRequirements | undefined): QosClass {
  const { requests = none, limits = none } = resources ?? {}
  if (Object.keys(requests).length + Object.keys(limits).length === 0) return 'BestEffort'
  const [cpu, memory] = ['cpu', 'memory'].map((name): QosClass => {
    const [request, limit] = [requests[name] ?? '0', limits[name] ?? '0']
    if (!equalQuantities(request, limit)) return 'Burstable'
    return quantitySign(request) === 0 ? 'BestEffort' : 'Guaranteed'
  })
  return cpu === memory ? cpu! : 'Burstable'
}

/** Whether a resource may be promised more often than it is there: those of Kubernetes, but for huge pages. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !name.startsWith('hugepages-')
}

export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/**
 * Completes the resources that a pod asks for as a whole (pkg/api/pod DefaultPodLevelResources,
 * PodLevelResourcesFixDefaulting).
 */
export function defaultPodLevelResources(spec: Draft<PodSpec>): void {
  const { resources } = spec
  if (!resources || (isEmpty(resources.requests) && isEmpty(resources.limits))) return
  setHugePageLimits(spec, resources)
  const requests = setRequests(spec, resources)
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const limits = containerLimits(spec as unknown as PodSpec)
  for (const [name, request] of Object.entries(requests)) {
    if (!isPodLevelResource(name) || resources.limits?.[name] !== undefined) continue
    if (!all.every((container) => container.resources?.limits?.[name] !== undefined) || limits[name] === undefined)
      continue
    const limit = compareQuantities(request, limits[name]) > 0 ? request : limits[name]
    resources.limits = { ...resources.limits, [name]: limit }
  }
}

function setHugePageLimits(spec: Draft<PodSpec>, resources: Draft<ResourceRequirements>): void {
  for (const [name, limit] of Object.entries(containerLimits(spec as unknown as PodSpec))) {
    if (!name.startsWith('hugepages-') || resources.requests?.[name] !== undefined) continue
    resources.limits = { [name]: limit, ...resources.limits }
  }
}

function setRequests(spec: Draft<PodSpec>, resources: Draft<ResourceRequirements>): Readonly<Record<string, string>> {
  const requests: Record<string, string> = { ...resources.requests }
  for (const [name, request] of Object.entries(containerRequests(spec as unknown as PodSpec))) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= request
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {}))
    if (isPodLevelResource(name)) requests[name] ??= limit
  if (!isEmpty(requests)) resources.requests = requests
  return requests
}

/** As {@link defaultPodLevelResources} before PodLevelResourcesFixDefaulting: of limits that are there, as they are read. */
export function defaultPodLevelRequests(spec: Draft<PodSpec>): void {
  const { resources } = spec
  if (!resources || (isEmpty(resources.requests) && isEmpty(resources.limits))) return
  setHugePageLimits(spec, resources)
  if (!isEmpty(resources.limits)) setRequests(spec, resources)
}

function isEmpty(resources: ResourceList | undefined): boolean {
  return resources === undefined || Object.keys(resources).length === 0
}
