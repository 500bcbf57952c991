import { isExtendedResource } from '../../../api/core/v1/resource-names.ts'
import type { Node } from '../../../api/types.generated.ts'
import { aggregate } from '../../../machinery/errors.ts'
import { errorText } from '../../../machinery/field-error.ts'
import { NodeInfo } from '../../cache/node-info.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { nodeResourcesFitErrors } from '../../configuration/validate-arguments.ts'
import { action } from '../../framework/cluster-event.ts'
import type { NodeHint, PodHint, QueueingHint, SchedulerPlugin } from '../../framework/plugin.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type Rejection, unresolvable, unschedulable } from '../../framework/rejection.ts'
import { classOfResource, mayBeDevices } from '../dynamic-resources/extended-resources.ts'
import { type Insufficient, insufficientResources } from './insufficient.ts'
import { scoreBy } from './scoring.ts'

const name = 'NodeResourcesFit'

const afterDeletion: PodHint = (_, deleted) => Boolean(deleted?.spec?.nodeName || deleted?.status?.nominatedNodeName)

type Ignores = (resource: string, node: NodeInfo) => boolean

const afterNode =
  (isByDevices: Ignores): NodeHint =>
  ({ requests }, old, node) => {
    if (!node) return false
    const now = new NodeInfo('', node)
    if (insufficientResources(requests, now, isByDevices).length > 0) return false
    if (!old) return true
    const before = new NodeInfo('', old as Node)
    if (now.allowedPods > before.allowedPods) return true
    const grew = (wanted: number, a: number, b: number) => wanted > 0 && a > b
    const { milliCpu, memoryBytes, ephemeralStorageBytes, scalars = new Map<string, number>() } = requests
    return (
      grew(milliCpu, now.allocatable.milliCpu, before.allocatable.milliCpu) ||
      grew(memoryBytes, now.allocatable.memoryBytes, before.allocatable.memoryBytes) ||
      grew(ephemeralStorageBytes, now.allocatable.ephemeralStorageBytes, before.allocatable.ephemeralStorageBytes) ||
      [...scalars].some(
        ([resource, wanted]) =>
          grew(wanted, now.allocatable.scalars?.get(resource) ?? 0, before.allocatable.scalars?.get(resource) ?? 0) ||
          isByDevices(resource, now),
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

/**
 * Gives a node no more pods than it has resources for, and prefers nodes as its strategy says (plugins/noderesources/fit.go).
 * Throws an Error for arguments that cannot be.
 */
export function nodeResourcesFit(
  args: PluginArguments['NodeResourcesFit'],
  context?: { readonly lookups: Lookups },
): SchedulerPlugin {
  const errors = nodeResourcesFitErrors(args)
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  const ignored = new Set(args.ignoredResources)
  const ignoredGroups = new Set(args.ignoredResourceGroups)
  /** Devices stand for the resource there: a claim for them decides. */
  const isByDevices: Ignores = (resource, { allocatable }) =>
    mayBeDevices(resource) &&
    !allocatable.scalars?.get(resource) &&
    classOfResource(resource, context?.lookups.deviceClasses() ?? []) !== undefined
  const ignores: Ignores = (resource, node) =>
    isByDevices(resource, node) ||
    (isExtendedResource(resource) && (ignored.has(resource) || ignoredGroups.has(resource.split('/')[0]!)))
  return {
    name,
    alsoAt: ['preFilter', 'preScore', 'placementScore'],
    events: [
      { resource: 'AssignedPod', actions: action.delete, hint: afterDeletion as QueueingHint },
      { resource: 'Node', actions: action.add | action.nodeAllocatable, hint: afterNode(isByDevices) as QueueingHint },
      { resource: 'AssignedPod', actions: action.podScaleDown },
      { resource: 'TargetPod', actions: action.podScaleDown },
      { resource: 'DeviceClass', actions: action.add | action.update },
    ],
    filter(_, { requests }, node) {
      const lacking = insufficientResources(requests, node, ignores)
      return lacking.length === 0 ? undefined : rejectionOf(lacking)
    },
    score: scoreBy(args.scoringStrategy),
  }
}
