import { isNativeResource, podLimits, podQosClass, podRequests } from '../core/v1/pod/pod-resources.ts'
import { addResources, maxResources, type ResourceList } from '../core/v1/pod/resource-list.ts'
import type { Container, Pod, PodAffinityTerm } from '../types.generated.ts'
import { countName, type QuotaEvaluator, scopeSelects } from './evaluator.ts'

const podCount = countName({ group: '', resource: 'pods' })
const compute = ['cpu', 'memory', 'ephemeral-storage']
const names: ReadonlySet<string> = new Set([
  podCount,
  'pods',
  ...compute,
  ...compute.map((name) => `requests.${name}`),
  ...compute.map((name) => `limits.${name}`),
])
const mustBeGiven = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** pkg/quota/v1/evaluator/core/pods.go. */
export const podEvaluator: QuotaEvaluator<Pod> = {
  handles({ operation, subresource, object, old }) {
    if (subresource === 'resize') return operation === 'UPDATE'
    if (subresource !== '') return false
    return (
      operation === 'CREATE' ||
      (operation === 'UPDATE' && old !== undefined && isTerminating(object) !== isTerminating(old))
    )
  },
  matchingResources: (wanted) => wanted.filter((name) => names.has(name) || isHugePages(name) || isExtended(name)),
  matchesScope(selector, pod) {
    switch (selector.scopeName) {
      case 'Terminating':
        return isTerminating(pod)
      case 'NotTerminating':
        return !isTerminating(pod)
      case 'BestEffort':
        return isBestEffort(pod)
      case 'NotBestEffort':
        return !isBestEffort(pod)
      case 'PriorityClass':
        return scopeSelects(selector, pod.spec.priorityClassName || undefined)
      case 'CrossNamespacePodAffinity':
        return crossesNamespaces(pod)
      default:
        return false
    }
  },
  constraint(required, { spec }) {
    if (Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0) return undefined
    const missing = new Map<string, Set<string>>()
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      const given = computeUsage(container.resources?.requests, container.resources?.limits)
      for (const name of required)
        if (mustBeGiven.includes(name) && given[name] === undefined)
          missing.set(name, (missing.get(name) ?? new Set()).add(container.name))
    }
    if (missing.size === 0) return undefined
    const parts = [...missing.keys()].sort().map((name) => `${name} for: ${[...missing.get(name)!].sort().join(',')}`)
    return `must specify ${parts.join('; ')}`
  },
  usage(pod, now) {
    const count: ResourceList = { [podCount]: '1' }
    if (!countsAsRunning(pod, now)) return count
    const spec = withStatus(pod)
    return addResources(count, computeUsage(podRequests(spec), podLimits(spec)))
  },
}

/** What is over, or should have been gone for long, takes nothing but a place in the count of objects. */
function countsAsRunning({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

/** While a resize is under way the larger of what is wanted and what is held counts. */
function withStatus({ spec, status }: Pod): Pod['spec'] {
  const held = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  if (!held.some(({ resources, allocatedResources }) => resources !== undefined || allocatedResources !== undefined))
    return spec
  const larger = (container: Container): Container => {
    const own = held.find(({ name }) => name === container.name)
    if (own === undefined) return container
    const { requests = {}, limits = {} } = container.resources ?? {}
    const most = maxResources(maxResources(requests, own.resources?.requests), own.allocatedResources)
    return { ...container, resources: { requests: most, limits: maxResources(limits, own.resources?.limits) } }
  }
  return { ...spec, containers: spec.containers.map(larger), initContainers: spec.initContainers?.map(larger) }
}

function computeUsage(requests: ResourceList = {}, limits: ResourceList = {}): ResourceList {
  const usage: Record<string, string> = { pods: '1' }
  for (const name of compute) {
    if (requests[name] !== undefined) usage[name] = usage[`requests.${name}`] = requests[name]
    if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name]
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) usage[name] = usage[`requests.${name}`] = request
    else if (!isNativeResource(name) || name.startsWith('deviceclass.resource.kubernetes.io/'))
      usage[`requests.${name}`] = request
  }
  return usage
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
}

function isExtended(name: string): boolean {
  const implicit = name.startsWith('requests.deviceclass.resource.kubernetes.io/')
  return name.startsWith('requests.') && (implicit || !isNativeResource(name))
}

function isTerminating({ spec }: Pod): boolean {
  return (spec.activeDeadlineSeconds ?? -1) >= 0
}

function isBestEffort({ spec, status }: Pod): boolean {
  return (status?.qosClass || podQosClass(spec)) === 'BestEffort'
}

function crossesNamespaces({ spec: { affinity } }: Pod): boolean {
  const crosses = (term: PodAffinityTerm) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some(
    (one) =>
      one?.requiredDuringSchedulingIgnoredDuringExecution?.some(crosses) ||
      one?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ podAffinityTerm }) => crosses(podAffinityTerm)),
  )
}
