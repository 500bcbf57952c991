import type { NodeMatcher } from '../../../api/core/v1/node-affinity.ts'
import type { AllocationResult, ResourceClaim } from '../../../api/types.generated.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { DeviceAllocator } from './allocator/device-allocator.ts'
import type { RequestMapping } from './extended-resources.ts'

/** What a pod's claims would get on a node. */
export interface NodeAllocation {
  /** Of the claims that have nothing yet, in their order. */
  readonly results: readonly AllocationResult[]
  /** The claim for extended resources as it is for the node. */
  readonly extended?: ResourceClaim
  readonly mappings: readonly RequestMapping[]
}

/** A pod's claim during a cycle. */
export interface ClaimState {
  /** As it was, then as it was written. */
  claim: ResourceClaim
  /** Where it can be used; undefined: anywhere. */
  readonly usableOn: NodeMatcher | undefined
  /** It stands for extended resources: the scheduler makes it and takes it back. */
  readonly isExtended: boolean
  /** What reserve promised it. */
  promised: AllocationResult | undefined
  /** The claim under which that is known as pending. */
  promisedTo: ResourceClaim | undefined
}

export interface PodState {
  readonly claims: readonly ClaimState[]
  /** Undefined: all claims have what they need. */
  readonly allocator: DeviceAllocator | undefined
  /** Allocated, but of no use on at least one node. */
  readonly unavailable: Set<ClaimState>
  readonly byNode: Map<string, NodeAllocation>
}

/** The same for copies of the cycle: what filters find out is for all. */
export const podState = new StateKey<PodState>('DynamicResources')

export const isUnallocated = ({ claim }: ClaimState): boolean => claim.status?.allocation === undefined
