import type { Node } from '../../../api/types.generated.ts'
import { NodeInfo } from '../../cache/node-info.ts'
import { action } from '../../framework/cluster-event.ts'
import {
  maxScore,
  type NodeHint,
  type PodHint,
  type QueueingHint,
  type SchedulerPlugin,
} from '../../framework/plugin.ts'
import { type Rejection, unresolvable, unschedulable } from '../../framework/rejection.ts'
import { type Insufficient, insufficientResources } from './insufficient.ts'

const name = 'NodeResourcesFit'

const afterDeletion: PodHint = (_, deleted) => Boolean(deleted?.spec?.nodeName || deleted?.status?.nominatedNodeName)

const afterNode: NodeHint = ({ requests }, old, node) => {
  if (!node) return false
  const now = new NodeInfo('', node)
  if (insufficientResources(requests, now).length > 0) return false
  if (!old) return true
  const before = new NodeInfo('', old as Node)
  if (now.allowedPods > before.allowedPods) return true
  const grew = (wanted: number, a: number, b: number) => wanted > 0 && a > b
  const { milliCpu, memoryBytes, ephemeralStorageBytes, scalars = new Map<string, number>() } = requests
  return (
    grew(milliCpu, now.allocatable.milliCpu, before.allocatable.milliCpu) ||
    grew(memoryBytes, now.allocatable.memoryBytes, before.allocatable.memoryBytes) ||
    grew(ephemeralStorageBytes, now.allocatable.ephemeralStorageBytes, before.allocatable.ephemeralStorageBytes) ||
    [...scalars].some(([resource, wanted]) =>
      grew(wanted, now.allocatable.scalars?.get(resource) ?? 0, before.allocatable.scalars?.get(resource) ?? 0),
    )
  )
}

const rejections = new Map<string, Rejection>()
function rejectionOf(lacking: readonly Insufficient[]): Rejection {
  const reasons = lacking.map(({ reason }) => reason)
  const final = lacking.some(({ unresolvable }) => unresolvable)
  const key = `${final}${reasons.join()}`
  let rejection = rejections.get(key)
  if (!rejection) {
    rejection = final ? unresolvable(name, ...reasons) : unschedulable(name, ...reasons)
    rejections.set(key, rejection)
  }
  return rejection
}

/** Gives a node no more pods than it has resources for; prefers the emptier one (plugins/noderesources, LeastAllocated). */
export const nodeResourcesFit: SchedulerPlugin = {
  name,
  weight: 1,
  events: [
    { resource: 'AssignedPod', actions: action.delete, hint: afterDeletion as QueueingHint },
    { resource: 'Node', actions: action.add | action.nodeAllocatable, hint: afterNode as QueueingHint },
    { resource: 'AssignedPod', actions: action.podScaleDown },
    { resource: 'TargetPod', actions: action.podScaleDown },
  ],
  filter(_, { requests }, node) {
    const lacking = insufficientResources(requests, node)
    return lacking.length === 0 ? undefined : rejectionOf(lacking)
  },
  score(_, { nonZero }, { allocatable, nonZeroRequested }) {
    let sum = 0
    let weights = 0
    if (allocatable.milliCpu > 0) {
      sum += free(nonZeroRequested.milliCpu + nonZero.milliCpu, allocatable.milliCpu)
      weights++
    }
    if (allocatable.memoryBytes > 0) {
      sum += free(nonZeroRequested.memoryBytes + nonZero.memoryBytes, allocatable.memoryBytes)
      weights++
    }
    return weights === 0 ? 0 : Math.floor(sum / weights)
  },
}

/** The share of the capacity that stays free, 0 … maxScore. */
function free(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * maxScore) / capacity)
}
