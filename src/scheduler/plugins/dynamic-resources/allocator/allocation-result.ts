import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  ResourceClaim,
} from '../../../../api/types.generated.ts'
import { formatQuantity } from '../../../../machinery/quantity.ts'
import { AllocationError } from './allocation-error.ts'
import type { ChosenDevice } from './allocation-search.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import { type Demand, fullName } from './claim-requests.ts'

/** What a claim gets, as its status says it. `chosen`: of each request, in their order. Throws AllocationError. */
export function allocationResult(
  node: Node,
  claim: ResourceClaim,
  devices: readonly ChosenDevice[],
  chosen: readonly Demand[],
  features: AllocatorFeatures,
): AllocationResult {
  const results = devices.map((device) => deviceResult(device, features))
  const config = configurations(claim, chosen)
  const nodeSelector = selectorOf(claim, devices, node.metadata.name ?? '')
  return {
    devices: { ...(results.length > 0 && { results }), ...(config.length > 0 && { config }) },
    ...(nodeSelector !== undefined && { nodeSelector }),
  }
}

function deviceResult(
  { demand, device, slice, shareId, consumed }: ChosenDevice,
  features: AllocatorFeatures,
): DeviceRequestAllocationResult {
  const { bindingConditions = [], bindingFailureConditions = [] } = features.deviceBindingAndStatus ? device : {}
  const { driver, pool, skipNodeOperations = [] } = slice.spec
  const { tolerations = [] } = demand
  const capacity = [...consumed].map(([name, amount]) => [name, formatQuantity(amount)])
  return {
    request: fullName(demand),
    driver,
    pool: pool.name,
    device: device.name,
    ...(demand.adminAccess === true && { adminAccess: true }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(bindingConditions.length > 0 && { bindingConditions }),
    ...(bindingFailureConditions.length > 0 && { bindingFailureConditions }),
    ...(shareId !== undefined && { shareID: shareId }),
    ...(capacity.length > 0 && { consumedCapacity: Object.fromEntries(capacity) }),
    ...(skipNodeOperations.length > 0 && { skipNodeOperations }),
  }
}

/** Those of the classes, each class once, then those of the claim. One for all requests names none. */
function configurations(claim: ResourceClaim, chosen: readonly Demand[]): DeviceAllocationConfiguration[] {
  const byClass = Map.groupBy(chosen, (demand) => demand.class.metadata.name)
  const ofClasses = [...byClass.values()].flatMap((demands) =>
    (demands[0]!.class.spec.config ?? []).map(
      (config): DeviceAllocationConfiguration => ({
        ...config,
        source: 'FromClass',
        requests: demands.map(fullName),
      }),
    ),
  )
  const isChosen = (requests: readonly string[]) =>
    chosen.some((demand) => requests.includes(demand.parent ?? demand.name) || requests.includes(fullName(demand)))
  const ofClaim = (claim.spec.devices?.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || isChosen(requests))
    .map((config): DeviceAllocationConfiguration => ({ ...config, source: 'FromClaim' }))
  return [...ofClasses, ...ofClaim].map(({ requests = [], ...config }) => {
    const forAll = chosen.every(
      (demand) => requests.includes(demand.parent ?? demand.name) || requests.includes(fullName(demand)),
    )
    return forAll || requests.length === 0 ? config : { ...config, requests }
  })
}

/** Where all of the devices can be reached; undefined: everywhere. */
function selectorOf(
  claim: ResourceClaim,
  devices: readonly ChosenDevice[],
  nodeName: string,
): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = []
  const matchExpressions: NodeSelectorRequirement[] = []
  for (const { device, slice } of devices) {
    const place = slice.spec.perDeviceNodeSelection === true ? device : slice.spec
    if (place.nodeName !== undefined || device.bindsToNode === true)
      return {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
      }
    const terms = place.nodeSelector?.nodeSelectorTerms ?? []
    if (terms.length > 1) {
      const why = `unsupported ResourceSlice.NodeSelector with ${terms.length} terms`
      throw new AllocationError(`create NodeSelector for claim ${claim.metadata.name}: ${why}`)
    }
    addNew(matchFields, terms[0]?.matchFields ?? [])
    addNew(matchExpressions, terms[0]?.matchExpressions ?? [])
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined
  return {
    nodeSelectorTerms: [
      {
        ...(matchExpressions.length > 0 && { matchExpressions }),
        ...(matchFields.length > 0 && { matchFields }),
      },
    ],
  }
}

function addNew(requirements: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[]): void {
  for (const one of more) {
    const values = new Set(one.values)
    const present = requirements.some(
      (each) =>
        each.key === one.key &&
        each.operator === one.operator &&
        values.symmetricDifference(new Set(each.values)).size === 0,
    )
    if (!present) requirements.push(one)
  }
}
