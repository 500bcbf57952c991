import type { Pod } from '../../api/types.generated.ts'
import { isPodActive, isPodReady, podReadySince, timeOf } from './pod-state.ts'

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * Sorts pods so that those to delete first come first (controller_utils.go ActivePodsWithRanks): unassigned, pending,
 * not ready, cheap to delete, many on one node, ready for a short time, restarting, young. `related`: the pods that
 * count for crowding on a node. Ages are compared on a logarithmic scale, ties by uid.
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const onNode = new Map<string, number>()
  for (const pod of related) {
    const node = pod.spec.nodeName ?? ''
    if (isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  const crowd = (pod: Pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0
  return [...pods].sort((a, b) => {
    const byNode = compareAssigned(a, b) || comparePhase(a, b) || Number(isPodReady(a)) - Number(isPodReady(b))
    if (byNode !== 0) return byNode
    return (
      deletionCost(a) - deletionCost(b) ||
      crowd(b) - crowd(a) ||
      compareAge(a, b, podReadySince(a), podReadySince(b), now) ||
      compareRestarts(a, b) ||
      compareAge(a, b, timeOf(a.metadata.creationTimestamp), timeOf(b.metadata.creationTimestamp), now)
    )
  })
}

function compareAssigned(a: Pod, b: Pod): number {
  return Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName))
}
function comparePhase(a: Pod, b: Pod): number {
  return (phaseOrder[a.status?.phase ?? ''] ?? 0) - (phaseOrder[b.status?.phase ?? ''] ?? 0)
}

/** The annotation controller.kubernetes.io/pod-deletion-cost; 0 without one or with a bad one. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']
  if (text === undefined || !/^(0|-?[1-9][0-9]*)$/.test(text)) return 0
  const cost = Number(text)
  return Math.abs(cost) < 2 ** 31 ? cost : 0
}

function compareAge(a: Pod, b: Pod, timeA: number | undefined, timeB: number | undefined, now: number): number {
  if (timeA === timeB) return 0
  if (timeA === undefined || timeB === undefined) return timeA === undefined ? -1 : 1
  const rank = (time: number) => (now > time ? Math.trunc(Math.log2((now - time) * 1e6)) : -1)
  return rank(timeA) - rank(timeB) || ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1)
}

/** More restarts first; those of sidecars count when the others are even. */
function compareRestarts(a: Pod, b: Pod): number {
  const [regularA, sidecarA] = maxRestarts(a)
  const [regularB, sidecarB] = maxRestarts(b)
  return regularB - regularA || sidecarB - sidecarA
}
function maxRestarts(pod: Pod): [regular: number, sidecar: number] {
  let regular = 0
  for (const { restartCount = 0 } of pod.status?.containerStatuses ?? []) regular = Math.max(regular, restartCount)
  let sidecar = 0
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { name, restartCount = 0 } of pod.status?.initContainerStatuses ?? [])
    if (sidecars.some((container) => container.name === name)) sidecar = Math.max(sidecar, restartCount)
  return [regular, sidecar]
}
