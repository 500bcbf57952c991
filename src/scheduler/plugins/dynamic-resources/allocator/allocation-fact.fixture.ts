import type {
  AllocationResult,
  DeviceClass,
  Node,
  ResourceClaim,
  ResourceSlice,
} from '../../../../api/types.generated.ts'
import { parseQuantity } from '../../../../machinery/quantity.ts'
import type { AllocatedState, ConsumedCapacity } from './allocated-state.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import { DeviceAllocator } from './device-allocator.ts'
import { ExpressionCache } from './expression-cache.ts'

/** What upstream's allocator answered to a question. Devices are written `driver/pool/device`. */
export interface AllocationFact {
  readonly name: string
  readonly features: readonly string[]
  readonly node: Node
  readonly claims: readonly ResourceClaim[] | null
  readonly classes: readonly DeviceClass[] | null
  readonly slices: readonly ResourceSlice[] | null
  readonly taken?: readonly string[]
  readonly shared?: readonly string[]
  readonly consumed?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly results: readonly AllocationResult[] | null
  readonly error?: string
}

const gates: Readonly<Record<keyof AllocatorFeatures, string>> = {
  adminAccess: 'DRAAdminAccess',
  prioritizedList: 'DRAPrioritizedList',
  partitionableDevices: 'DRAPartitionableDevices',
  deviceTaints: 'DRADeviceTaints',
  deviceBindingAndStatus: 'DRADeviceBindingConditions+DRAResourceClaimDeviceStatus',
  consumableCapacity: 'DRAConsumableCapacity',
  fractionalCapacityRange: 'DRAFractionalCapacityRange',
  listTypeAttributes: 'DRAListTypeAttributes',
  optionalNodeOperations: 'DRAOptionalNodeOperations',
  derivedAttributes: 'DRADerivedAttributes',
  compatibilityGroups: 'DRADeviceCompatibilityGroups',
}

/** What ours answers to the same question. */
export function answerOurselves(fact: AllocationFact, late?: () => boolean): Pick<AllocationFact, 'results' | 'error'> {
  const features = Object.fromEntries(
    Object.entries(gates).map(([feature, gate]) => [feature, fact.features.includes(gate)]),
  ) as unknown as AllocatorFeatures
  const allocator = new DeviceAllocator({
    features,
    allocated: stateOf(fact),
    classOf: (name) => fact.classes?.find(({ metadata }) => metadata.name === name),
    slices: fact.slices ?? [],
    expressions: new ExpressionCache(),
    shareId: () => 'share',
  })
  try {
    return { results: allocator.allocate(fact.node, fact.claims ?? [], late) ?? null }
  } catch (error) {
    return { results: null, error: (error as Error).message }
  }
}

function stateOf({ taken = [], shared = [], consumed = {} }: AllocationFact): AllocatedState {
  const capacities = new Map<string, ConsumedCapacity>(
    Object.entries(consumed).map(([key, amounts]) => [
      key,
      new Map(Object.entries(amounts).map(([name, text]) => [name, parseQuantity(text)])),
    ]),
  )
  const isShared = (key: string) => shared.includes(key) || capacities.has(key)
  return {
    isTaken: (key) => taken.includes(key),
    isShared,
    isAllocated: (key) => taken.includes(key) || isShared(key),
    consumed: (key) => capacities.get(key),
  }
}
