import { podRequests } from '../../api/core/v1/pod-requests.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'

/** What happened in the cluster, as far as it may make a pod schedulable (kube-scheduler framework/types.go, events.go). */
export type EventResource =
  | 'AssignedPod'
  | 'UnscheduledPod'
  /** The unschedulable pod itself. */
  | 'TargetPod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'VolumeAttachment'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'ResourceClaim'
  | 'DeviceClass'
  | 'ResourceSlice'
  | '*'

/** One bit per action, so that a plugin can name several. */
export const action = {
  add: 1,
  delete: 1 << 1,
  nodeAllocatable: 1 << 2,
  nodeLabel: 1 << 3,
  nodeTaint: 1 << 4,
  nodeCondition: 1 << 5,
  nodeAnnotation: 1 << 6,
  podLabel: 1 << 7,
  podScaleDown: 1 << 8,
  podScaleUp: 1 << 9,
  podToleration: 1 << 10,
  podSchedulingGatesEliminated: 1 << 11,
  nodeDeclaredFeature: 1 << 12,
  update: ((1 << 13) - 1) & ~3,
  all: (1 << 13) - 1,
} as const

export interface ClusterEvent {
  readonly resource: EventResource
  readonly actions: number
}

export const assignedPodAdd: ClusterEvent = { resource: 'AssignedPod', actions: action.add }
export const assignedPodDelete: ClusterEvent = { resource: 'AssignedPod', actions: action.delete }
export const wildcard: ClusterEvent = { resource: '*', actions: action.all }

const groups: Partial<Record<EventResource, string>> = {
  StorageClass: 'storage.k8s.io/',
  CSINode: 'storage.k8s.io/',
  VolumeAttachment: 'storage.k8s.io/',
  ResourceClaim: 'resource.k8s.io/',
  DeviceClass: 'resource.k8s.io/',
  ResourceSlice: 'resource.k8s.io/',
}
const actionLabels = new Map<number, string>([
  [action.add, 'Add'],
  [action.delete, 'Delete'],
  [action.nodeAllocatable, 'UpdateNodeAllocatable'],
  [action.nodeLabel, 'UpdateNodeLabel'],
  [action.nodeTaint, 'UpdateNodeTaint'],
  [action.nodeCondition, 'UpdateNodeCondition'],
  [action.nodeAnnotation, 'UpdateNodeAnnotation'],
  [action.nodeDeclaredFeature, 'UpdateNodeDeclaredFeature'],
  [action.podLabel, 'UpdatePodLabel'],
  [action.podScaleDown, 'UpdatePodScaleDown'],
  [action.podScaleUp, 'UpdatePodScaleUp'],
  [action.podToleration, 'UpdatePodToleration'],
  [action.podSchedulingGatesEliminated, 'UpdatePodSchedulingGatesEliminated'],
  [action.update, 'Update'],
])

/** `NodeAdd`, `NodeUpdateNodeTaint`, `storage.k8s.io/CSINodeAdd`: ClusterEvent.Label. */
export function eventLabel(event: ClusterEvent): string {
  if (event === wildcard) return 'WildCardEvent'
  return `${groups[event.resource] ?? ''}${event.resource}${actionLabels.get(event.actions) ?? 'All'}`
}

/** Whether an event is among those that are registered. */
export function includes(registered: ClusterEvent, event: ClusterEvent): boolean {
  return (
    (registered.resource === '*' || registered.resource === event.resource) &&
    (registered.actions & event.actions) === event.actions
  )
}

/** What changed about a pod, for the pod itself (`target`) or for others. */
export function podChanges(pod: Pod, old: Pod, target: boolean): ClusterEvent[] {
  const resource = pod.spec?.nodeName ? 'AssignedPod' : target ? 'TargetPod' : 'UnscheduledPod'
  const actions: number[] = []
  if (!jsonEqual(pod.metadata.labels, old.metadata.labels)) actions.push(action.podLabel)
  const scaled = scaleChange(pod, old)
  if (scaled.down) actions.push(action.podScaleDown)
  if (scaled.up) actions.push(action.podScaleUp)
  if (!pod.spec?.schedulingGates?.length && old.spec?.schedulingGates?.length) {
    actions.push(action.podSchedulingGatesEliminated)
  }
  if ((pod.spec?.tolerations?.length ?? 0) !== (old.spec?.tolerations?.length ?? 0)) actions.push(action.podToleration)
  if (actions.length === 0) actions.push(action.update)
  return actions.map((actions) => ({ resource, actions }))
}

export function nodeChanges(node: Node, old: Node): ClusterEvent[] {
  const actions: number[] = []
  if (node.spec?.unschedulable !== old.spec?.unschedulable && !node.spec?.unschedulable) actions.push(action.nodeTaint)
  if (!jsonEqual(node.status?.allocatable, old.status?.allocatable)) actions.push(action.nodeAllocatable)
  if (!jsonEqual(node.metadata.labels, old.metadata.labels)) actions.push(action.nodeLabel)
  if (!jsonEqual(node.spec?.taints, old.spec?.taints)) actions.push(action.nodeTaint)
  if (!jsonEqual(conditions(node), conditions(old))) actions.push(action.nodeCondition)
  if (!jsonEqual(node.metadata.annotations, old.metadata.annotations)) actions.push(action.nodeAnnotation)
  if (!jsonEqual(node.status?.declaredFeatures, old.status?.declaredFeatures)) actions.push(action.nodeDeclaredFeature)
  return actions.map((actions) => ({ resource: 'Node', actions }))
}

function conditions(node: Node): Record<string, string> {
  return Object.fromEntries((node.status?.conditions ?? []).map(({ type, status }) => [type, status]))
}

function scaleChange(pod: Pod, old: Pod): { up: boolean; down: boolean } {
  // Most updates leave all of what counts as it is.
  if (
    pod.spec === old.spec ||
    (jsonEqual(pod.spec, old.spec) && jsonEqual(pod.status?.containerStatuses, old.status?.containerStatuses))
  ) {
    return { up: false, down: false }
  }
  const now = podRequests(pod, { useStatus: true })
  const before = podRequests(old, { useStatus: true })
  return {
    down: [...before].some(([name, amount]) => amount > (now.get(name) ?? -1)),
    up: [...now].some(([name, amount]) => amount > (before.get(name) ?? -1)),
  }
}
