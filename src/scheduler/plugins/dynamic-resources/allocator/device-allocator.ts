import type {
  AllocationResult,
  DeviceClass,
  Node,
  ResourceClaim,
  ResourceSlice,
} from '../../../../api/types.generated.ts'
import { keyOf } from '../../../../client/informer.ts'
import type { AllocatedState } from './allocated-state.ts'
import { AllocationError, NodeAllocationError } from './allocation-error.ts'
import { allocationResult } from './allocation-result.ts'
import { AllocationSearch } from './allocation-search.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import { claimConstraint } from './claim-constraints.ts'

import { ClaimDemands } from './claim-demands.ts'
import { DeviceMatcher } from './device-matcher.ts'
import { gatherPools } from './device-pools.ts'
import type { ExpressionCache } from './expression-cache.ts'

export interface AllocatorInput {
  readonly features: AllocatorFeatures
  readonly allocated: AllocatedState
  readonly classOf: (name: string) => DeviceClass | undefined
  readonly slices: readonly ResourceSlice[]
  /** Compiled expressions, kept from one allocator to the next. */
  readonly expressions: ExpressionCache
  /** A name for a share of a device. */
  readonly shareId: () => string
}

/**
 * Finds devices for claims: for each request the first that are free and suit it, in the order of pools, slices and
 * devices, trying all combinations (dynamic-resource-allocation structured). Upstream's three implementations give the
 * same answers; this one knows what its experimental one knows.
 */
export class DeviceAllocator {
  readonly #input: AllocatorInput
  readonly #byNode = new Map<string, ResourceSlice[]>()
  readonly #shared: ResourceSlice[] = []

  constructor(input: AllocatorInput) {
    this.#input = input
    for (const slice of input.slices) {
      const { nodeName } = slice.spec
      if (!nodeName) this.#shared.push(slice)
      else {
        const present = this.#byNode.get(nodeName)
        if (present === undefined) this.#byNode.set(nodeName, [slice])
        else present.push(slice)
      }
    }
  }

  /**
   * What each claim gets on the node; undefined: not all of them can be met there. Throws AllocationError,
   * NodeAllocationError, or AllocationTimeout once `late` says so.
   */
  allocate(
    node: Node,
    claims: readonly ResourceClaim[],
    late: () => boolean = () => false,
  ): readonly AllocationResult[] | undefined {
    const { features, slices, expressions, allocated, shareId } = this.#input
    const nodeSlices = [...(this.#byNode.get(node.metadata.name ?? '') ?? []), ...this.#shared]
    const pools = gatherPools(node, nodeSlices, slices, features)
    const matcher = new DeviceMatcher(node, features, expressions)
    const demands = new ClaimDemands({ features, pools, matcher, classOf: this.#input.classOf })
    const asked = claims.map((claim) => ({
      claim,
      requests: demands.of(claim),
      constraints: (claim.spec.devices?.constraints ?? []).map((constraint, index) => {
        const made = claimConstraint(constraint, features.listTypeAttributes, (...of) => matcher.attribute(...of))
        if (made !== undefined) return made
        const what = `claim ${keyOf(claim)}, constraint #${index}`
        throw new AllocationError(`${what}: empty constraint (unsupported constraint type?)`)
      }),
    }))
    const search = new AllocationSearch({ node, asked, pools, matcher, features, allocated, shareId, late })
    const found = search.run()
    if (found === undefined) {
      if (pools.some(({ invalid }) => invalid !== undefined))
        throw new NodeAllocationError('invalid resource pools were encountered')
      return undefined
    }
    return found.map(({ devices, chosen }, index) => {
      const { claim } = asked[index]!
      return allocationResult(node, claim, devices, chosen, features)
    })
  }
}
