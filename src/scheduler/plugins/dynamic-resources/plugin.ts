import { nodeSelectorMatcher } from '../../../api/core/v1/node-affinity.ts'
import { resourceClaims } from '../../../api/resource/v1/resource-claim.ts'
import type { NodeSelector, Pod, ResourceClaim } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { type Rejection, unresolvable } from '../../framework/rejection.ts'

const name = 'DynamicResources'
const elsewhere = unresolvable(name, 'resourceclaim not available on the node')
const unallocated = unresolvable(name, 'cannot allocate all claims')
const claimsOfPod = new StateKey<readonly ResourceClaim[]>(name)

/**
 * Brings pods to nodes on which their resource claims are available, and reserves the claims for them
 * (plugins/dynamicresources). Devices are not allocated here: a claim that nobody has allocated keeps its pods waiting,
 * as in a cluster without devices.
 */
export function dynamicResources(client: Client, lookups: Lookups): SchedulerPlugin {
  /** A text: why the claims are not there yet. */
  const claimsOf = (pod: Pod): readonly ResourceClaim[] | string => {
    const found: ResourceClaim[] = []
    for (const named of claimNames(pod)) {
      if (typeof named === 'string') return named
      const key = `${pod.metadata.namespace}/${named.name}`
      const claim = lookups.resourceClaim(key)
      if (claim === undefined) return `could not find ResourceClaim "${key}"`
      const { deletionTimestamp, ownerReferences = [] } = claim.metadata
      if (deletionTimestamp !== undefined) return `resourceclaim "${named.name}" is being deleted`
      const owned = ownerReferences.some(({ uid, controller }) => controller && uid === pod.metadata.uid)
      if (named.ownedByPod && !owned)
        return `ResourceClaim ${key} was not created for Pod ${pod.metadata.namespace}/${pod.metadata.name} (Pod is not owner)`
      found.push(claim)
    }
    return found
  }
  const missingClass = ({ spec }: ResourceClaim): Rejection | undefined => {
    for (const request of spec.devices?.requests ?? []) {
      const wanted = request.exactly
        ? [[request.name, request.exactly.deviceClassName]]
        : (request.firstAvailable ?? []).map((one) => [`${request.name}/${one.name}`, one.deviceClassName])
      for (const [requestName, className = ''] of wanted)
        if (lookups.deviceClass(className) === undefined)
          return unresolvable(name, `request ${requestName}: device class ${className} does not exist`)
    }
    return undefined
  }
  const ownClaim: QueueingHint = ({ pod }, _, object) =>
    object?.metadata.namespace === pod.metadata.namespace &&
    claimNames(pod).some((named) => typeof named === 'object' && named.name === object?.metadata.name)
  return {
    name,
    events: [
      { resource: 'Node', actions: action.add | action.nodeLabel | action.nodeAllocatable },
      { resource: 'ResourceClaim', actions: action.add | action.update, hint: ownClaim },
      { resource: 'TargetPod', actions: action.update },
      { resource: 'DeviceClass', actions: action.add | action.update },
    ],
    preEnqueue({ pod }) {
      const claims = claimsOf(pod)
      return typeof claims === 'string' ? unresolvable(name, claims) : undefined
    },
    preFilter(state, { pod }) {
      state.write(claimsOfPod, [])
      const claims = claimsOf(pod)
      if (typeof claims === 'string') return unresolvable(name, claims)
      if (claims.length === 0) return skip
      state.write(claimsOfPod, claims)
      for (const claim of claims) {
        const missing = claim.status?.allocation === undefined ? missingClass(claim) : undefined
        if (missing !== undefined) return missing
      }
      return undefined
    },
    filter(state, _, { node }) {
      for (const { status } of state.read(claimsOfPod)) {
        if (status?.allocation === undefined) return unallocated
        const { nodeSelector } = status.allocation as { readonly nodeSelector?: NodeSelector }
        if (nodeSelector !== undefined && !nodeSelectorMatcher(nodeSelector).matches(node!)) return elsewhere
      }
      return undefined
    },
    // It comes before preemption; when another plugin ended preFilter before it was asked, it has nothing to go by.
    postFilter: (state) =>
      state.find(claimsOfPod) === undefined ? { message: 'not found', isError: true } : { message: '' },
    async preBind(state, { name: podName, uid }, _node) {
      for (const claim of state.find(claimsOfPod) ?? []) {
        const reservedFor = claim.status?.reservedFor ?? []
        if (reservedFor.some((one) => one.uid === uid)) continue
        const status = { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name: podName, uid }] }
        await client.update(resourceClaims, { ...claim, status } as ResourceClaim, { subresource: 'status' })
      }
    },
  }
}

type NamedClaim = { readonly name: string; readonly ownedByPod: boolean } | string

/** The claims of a pod by name; a text: what stands in the way. One that no claim was made for is left out. */
function claimNames(pod: Pod): readonly NamedClaim[] {
  return (pod.spec?.resourceClaims ?? []).flatMap((claim): NamedClaim[] => {
    if (claim.resourceClaimName !== undefined) return [{ name: claim.resourceClaimName, ownedByPod: false }]
    const made = pod.status?.resourceClaimStatuses?.find((one) => one.name === claim.name)
    if (made === undefined)
      return [`pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet`]
    return made.resourceClaimName === undefined ? [] : [{ name: made.resourceClaimName, ownedByPod: true }]
  })
}
