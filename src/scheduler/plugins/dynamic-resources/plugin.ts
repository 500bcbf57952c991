import { defaultFeatureGates, type FeatureEnabled } from '../../../api/features/feature-gates.ts'
import type { AllocationResult, Node, Pod, ResourceClaim } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import type { SeriesEventRecorder } from '../../../client/events/series-event-recorder.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { Random } from '../../../machinery/random.ts'
import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { action } from '../../framework/cluster-event.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { normalizeToHighest, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { type Rejection, unresolvable } from '../../framework/rejection.ts'
import { AllocationTimeout, NodeAllocationError } from './allocator/allocation-error.ts'
import { allocatorFeatures } from './allocator/allocator-features.ts'
import { DeviceAllocator } from './allocator/device-allocator.ts'
import { ExpressionCache } from './allocator/expression-cache.ts'
import { bindingState, isBindingOverdue } from './binding-conditions.ts'
import { claimState, isFreeFor, needsNodeOperationsSkipped } from './claim-checks.ts'
import { ClaimWriter } from './claim-writer.ts'
import {
  claimInMemory,
  classOfResource,
  deviceRequests,
  earlierClaim,
  isInMemory,
  mayBeDevices,
  type RequestMapping,
} from './extended-resources.ts'
import { PodBinding } from './pod-binding.ts'
import { claimsOfPod } from './pod-claims.ts'
import { type ClaimState, isUnallocated, type PodState, podState } from './pod-state.ts'
import { allocationScore } from './score.ts'

const name = 'DynamicResources'
const longestSearchMs = 2000
const elsewhere = unresolvable(name, 'resourceclaim not available on the node')
const notAll = unresolvable(name, 'cannot allocate all claims')
const nothing: PodState = { claims: [], allocator: undefined, unavailable: new Set(), byNode: new Map() }

export interface DynamicResourcesOptions {
  readonly client: Client
  readonly lookups: Lookups
  readonly clock: Clock
  readonly random: Random
  readonly events?: SeriesEventRecorder
  readonly enabled?: FeatureEnabled
  /** How long devices may be looked for on one node; 0: as long as it takes. */
  readonly filterTimeoutMs?: number
  /** How long devices may take to become ready. */
  readonly bindingTimeoutMs?: number
}

/**
 * Brings pods to nodes on which their resource claims can be had, allocates devices for those that have none, and
 * reserves the claims for them (plugins/dynamicresources).
 */
export function dynamicResources(options: DynamicResourcesOptions): SchedulerPlugin {
  const { client, lookups, clock, random, enabled = defaultFeatureGates.enabled } = options
  const { bindingTimeoutMs = 600_000 } = options
  // Upstream waits 10 s unless told otherwise. Here nothing else happens in the process meanwhile.
  const filterTimeoutMs = Math.min(options.filterTimeoutMs ?? longestSearchMs, longestSearchMs)
  const features = allocatorFeatures(enabled)
  const expressions = new ExpressionCache()
  const tracker = () => lookups.deviceClaims
  const writer = new ClaimWriter(client, clock, features.deviceBindingAndStatus)
  const binding = new PodBinding({
    ...options,
    writer,
    tracker,
    bindingTimeoutMs,
    waits: features.deviceBindingAndStatus,
  })
  const claimsOf = ({ pod }: PodInfo) => claimsOfPod(pod, (key) => tracker().get(key))
  const classOf = (resource: string) => classOfResource(resource, lookups.deviceClasses())

  /** The resources of a pod that devices may stand for. */
  const extendedResources = ({ requests }: PodInfo): [string, number][] =>
    enabled('DRAExtendedResource')
      ? [...(requests.scalars ?? [])].filter(([resource, amount]) => amount > 0 && mayBeDevices(resource))
      : []

  /** Undefined: the node offers what the pod asks for, or the pod asks for nothing. */
  const claimForNode = (
    { claim }: ClaimState,
    pod: PodInfo,
    { allocatable }: NodeInfo,
  ): { readonly claim: ResourceClaim; readonly mappings: readonly RequestMapping[] } | Rejection | undefined => {
    if (claim.spec.devices?.requests !== undefined) return unresolvable(name, 'cannot schedule extended resource claim')
    const byDevices: string[] = []
    for (const [resource] of extendedResources(pod)) {
      if (classOf(resource) !== undefined && !allocatable.scalars?.get(resource)) byDevices.push(resource)
      else if (!allocatable.scalars?.has(resource)) return unresolvable(name, 'cannot fit resource')
    }
    if (byDevices.length === 0) return undefined
    const { requests, mappings } = deviceRequests(pod.pod, byDevices, classOf)
    return { claim: { ...claim, spec: { devices: { requests } } }, mappings }
  }

  const allocate = (allocator: DeviceAllocator, node: Node, claims: readonly ResourceClaim[]) => {
    const end = clock.monotonic() + filterTimeoutMs
    const late = () => filterTimeoutMs > 0 && clock.monotonic() > end
    try {
      return allocator.allocate(node, claims, enabled('DRASchedulerFilterTimeout') ? late : undefined) ?? notAll
    } catch (error) {
      if (error instanceof NodeAllocationError) return unresolvable(name, error.message)
      const why =
        error instanceof AllocationTimeout
          ? `node ${node.metadata.name}: timed out trying to allocate devices`
          : (error as Error).message
      throw new Error(`running "${name}" filter plugin: ${why}`, { cause: error })
    }
  }

  const isUsable = ({ claim, usableOn }: ClaimState, node: Node): boolean => {
    if (usableOn !== undefined && !usableOn.matches(node)) return false
    const declared: readonly string[] = node.status?.declaredFeatures ?? []
    if (needsNodeOperationsSkipped(claim) && !declared.includes('DRAOptionalNodeOperations')) return false
    if (claim.status?.allocation === undefined || !features.deviceBindingAndStatus) return true
    const state = bindingState(claim)
    return state === 'ready' || (state === 'waiting' && !isBindingOverdue(claim, clock.now(), bindingTimeoutMs))
  }

  const ofClaim: QueueingHint = (pod, old, object) => {
    const [before, claim] = [old, object] as [ResourceClaim?, ResourceClaim?]
    if (claim === undefined) return before?.status?.allocation !== undefined
    const claims = claimsOf(pod)
    if (typeof claims === 'string') return false
    if (before?.status?.allocation !== undefined && claim.status?.allocation === undefined) return true
    if (!claims.some(({ metadata }) => metadata.uid === claim.metadata.uid)) return false
    return before === undefined || !jsonEqual(before.status, claim.status)
  }
  /** Its claims were made: nothing else of the pod matters here. */
  const ofPod: QueueingHint = (_, old, object) => {
    const [before, pod] = [old, object] as [Pod, Pod]
    const { resourceClaimStatuses, extendedResourceClaimStatus } = pod.status ?? {}
    const same =
      jsonEqual(resourceClaimStatuses, before.status?.resourceClaimStatuses) &&
      jsonEqual(extendedResourceClaimStatus, before.status?.extendedResourceClaimStatus)
    return !same && typeof claimsOfPod(pod, (key) => tracker().get(key)) !== 'string'
  }

  return {
    name,
    events: [
      { resource: 'Node', actions: action.add | action.nodeLabel | action.nodeAllocatable },
      { resource: 'ResourceClaim', actions: action.add | action.update | action.delete, hint: ofClaim },
      { resource: 'TargetPod', actions: action.update, hint: ofPod },
      { resource: 'DeviceClass', actions: action.add | action.update },
      { resource: 'ResourceSlice', actions: action.add | action.update },
    ],
    preEnqueue(pod) {
      const claims = claimsOf(pod)
      return typeof claims === 'string' ? unresolvable(name, claims) : undefined
    },
    preFilter(state, pod) {
      state.write(podState, nothing)
      const claims = claimsOf(pod)
      if (typeof claims === 'string') return unresolvable(name, claims)
      const states: ClaimState[] = []
      const hasDevices = extendedResources(pod).some(([resource]) => classOf(resource) !== undefined)
      const extended = hasDevices
        ? (earlierClaim(pod.pod, tracker().list()) ?? claimInMemory(pod.pod, random.uuid()))
        : undefined
      for (const claim of extended === undefined ? claims : [...claims, extended]) {
        const found = claimState(claim, claim === extended, tracker(), (className) => lookups.deviceClass(className))
        if (typeof found === 'string') return unresolvable(name, found)
        states.push(found)
      }
      if (states.length === 0) return skip
      const allocator = states.some(isUnallocated)
        ? new DeviceAllocator({
            features,
            expressions,
            allocated: tracker().allocated,
            classOf: (className) => lookups.deviceClass(className),
            slices: lookups.resourceSlices(),
            shareId: () => random.uuid(),
          })
        : undefined
      state.write(podState, { claims: states, allocator, unavailable: new Set<ClaimState>(), byNode: new Map() })
      return undefined
    },
    filter(state, pod, nodeInfo) {
      const { claims, allocator, unavailable, byNode } = state.read(podState)
      const node = nodeInfo.node!
      const extended = claims.find(({ isExtended }) => isExtended)
      const forNode = extended && claimForNode(extended, pod, nodeInfo)
      if (forNode !== undefined && 'code' in forNode) return forNode
      if (forNode === undefined && claims.every(({ isExtended }) => isExtended)) return undefined
      const unusable = claims.filter((each) => !isUsable(each, node))
      let results: readonly AllocationResult[] = []
      if (allocator !== undefined) {
        const wanted = claims
          .filter(isUnallocated)
          .map(({ claim, isExtended }) => (isExtended && forNode !== undefined ? forNode.claim : claim))
        const answer = allocate(allocator, node, wanted)
        if ('code' in answer) return answer
        results = answer
      }
      if (unusable.length > 0) {
        for (const each of unusable) unavailable.add(each)
        return elsewhere
      }
      if (allocator !== undefined)
        byNode.set(nodeInfo.name, { results, extended: forNode?.claim, mappings: forNode?.mappings ?? [] })
      return undefined
    },
    // It comes before preemption; when another plugin ended preFilter before it was asked, it has nothing to go by.
    postFilter(state, { pod }) {
      const found = state.find(podState)
      if (found === undefined) return { message: 'not found', isError: true }
      const useless = [...found.unavailable].find((each) => !each.isExtended && isFreeFor(each.claim, pod))
      if (useless !== undefined) {
        // Its change tells the pod to try again; where it fails, the claim was changed by someone else.
        writer.deallocate(useless.claim).catch(() => {})
        return { message: 'deallocation of ResourceClaim completed' }
      }
      const stale = found.claims.find(({ isExtended, claim }) => isExtended && !isInMemory(claim))
      if (stale === undefined) return { message: '' }
      writer.remove(stale.claim).catch(() => {})
      return { message: 'deletion of ResourceClaim completed' }
    },
    score(state, _, node) {
      const { claims, byNode } = state.read(podState)
      const found = byNode.get(node.name)
      return found === undefined ? 0 : allocationScore(claims, found)
    },
    normalize: (_, __, ___, scores) => normalizeToHighest(scores, false),
    reserve(state, _, node) {
      const { claims, byNode } = state.find(podState) ?? nothing
      const wanting = claims.filter(isUnallocated)
      if (wanting.length === 0) return undefined
      const found = byNode.get(node)
      if (found === undefined || found.results.length === 0)
        return wanting.every(({ isExtended }) => isExtended)
          ? undefined
          : unresolvable(name, `running Reserve plugin "${name}": claim allocation not found for node`)
      for (const [index, each] of wanting.entries()) {
        each.promised = found.results[index]!
        each.promisedTo = each.claim
        tracker().setPending(each.claim, each.promised)
      }
      return undefined
    },
    unreserve(state, pod) {
      const found = state.find(podState)
      if (found !== undefined) binding.undo(found, pod)
    },
    willPreBind: (state) => (state.find(podState)?.claims.length ?? 0) > 0,
    async preBind(state, pod, node) {
      const found = state.find(podState)
      if (found === undefined || found.claims.length === 0) return
      try {
        await binding.bind(found, pod, node)
      } catch (error) {
        throw new Error(`running PreBind plugin "${name}": ${(error as Error).message}`, { cause: error })
      }
    },
  }
}
