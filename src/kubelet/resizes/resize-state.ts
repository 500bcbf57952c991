import type { Container, Pod, ResourceRequirements } from '../../api/types.generated.ts'
import { declaredContainers } from '../pods/containers.ts'
import { type Amounts, amounts, effectiveLimits } from '../resources/pod-resources.ts'

/** Resources by container name, and the pod's own under ''. */
export type Allotment = ReadonlyMap<string, ResourceRequirements | undefined>

const resizable = ['cpu', 'memory'] as const

export function allotmentOf(pod: Pod): Map<string, ResourceRequirements | undefined> {
  const allotment = new Map<string, ResourceRequirements | undefined>([['', pod.spec.resources]])
  for (const { container } of declaredContainers(pod)) allotment.set(container.name, container.resources)
  return allotment
}

/**
 * What a pod was allotted before this kubelet came, by its status: an earlier kubelet may not have agreed yet to what
 * the pod asks for now.
 */
export function allotmentBefore(pod: Pod): Map<string, ResourceRequirements | undefined> {
  const allotment = allotmentOf(pod)
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  for (const { name, allocatedResources, resources } of statuses) {
    const asked = allotment.get(name)
    if (allocatedResources === undefined || sameAmounts(asked?.requests, allocatedResources)) continue
    allotment.set(name, { ...asked, requests: allocatedResources, limits: resources?.limits ?? asked?.limits })
  }
  return allotment
}

function sameAmounts(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
): boolean {
  const [left, right] = [amounts(a), amounts(b)]
  return resizable.every((name) => (left[name] ?? 0) === (right[name] ?? 0))
}

export function sameResources(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean {
  return sameAmounts(a?.requests, b?.requests) && sameAmounts(a?.limits, b?.limits)
}

/** The pod with these resources instead of those that it asks for. */
export function withAllotment(pod: Pod, allotment: Allotment): Pod {
  const given = (container: Container): Container => {
    const resources = allotment.get(container.name)
    return resources === undefined ? container : { ...container, resources }
  }
  const own = allotment.get('')
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map(given),
      ...(pod.spec.initContainers && { initContainers: pod.spec.initContainers.map(given) }),
      ...(own && { resources: own }),
    },
  }
}

/** What a container's control group is made of: millicores and bytes. */
export interface ActualResources {
  readonly requests: Amounts
  readonly limits: Amounts
}

export function actualOf(pod: Pod, container: Container): ActualResources {
  return { requests: amounts(container.resources?.requests), limits: effectiveLimits(pod, container) }
}

/** The resources of which request or limit differ. */
export function changedResources(actual: ActualResources, wanted: ActualResources): readonly string[] {
  const differs = (name: string) =>
    (actual.requests[name] ?? 0) !== (wanted.requests[name] ?? 0) ||
    (actual.limits[name] ?? 0) !== (wanted.limits[name] ?? 0)
  return resizable.filter(differs)
}

/** What upstream's events about resizing say (pkg/kubelet/events/resize.go). */
export function resizeMessage(prefix: string, pod: Pod, error?: string): string {
  const list = (containers: readonly Container[] | undefined) =>
    containers?.map(({ name, resources }) => ({ name, resources: resources ?? {} }))
  const summary = {
    initContainers: pod.spec.initContainers?.length ? list(pod.spec.initContainers) : undefined,
    containers: list(pod.spec.containers),
    generation: pod.metadata.generation ?? 0,
    error,
  }
  return `${prefix}: ${JSON.stringify(summary)}`
}
