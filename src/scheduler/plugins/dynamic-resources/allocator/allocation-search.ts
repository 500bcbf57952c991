import { toleratesDeviceTaint } from '../../../../api/resource/v1/device-toleration.ts'
import type { Node, ResourceClaim } from '../../../../api/types.generated.ts'
import { keyOf } from '../../../../client/informer.ts'
import { addCapacity, type AllocatedState, type ConsumedCapacity, deviceKey } from './allocated-state.ts'
import { AllocationError, AllocationTimeout } from './allocation-error.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import type { ClaimConstraint } from './claim-constraints.ts'
import { maxDevicesPerClaim, whileChecking } from './claim-demands.ts'
import type { Candidate, Demand, RequestDemand } from './claim-requests.ts'
import { allocatedGroups, CompatibilityGroups } from './compatibility-groups.ts'
import { consumedBy, hasCapacity } from './consumable-capacity.ts'
import type { DeviceMatcher } from './device-matcher.ts'
import { type DevicePool, poolId } from './device-pools.ts'
import { availableCounters, PoolCounters } from './pool-counters.ts'

/** A device that was chosen for a request. */
export interface ChosenDevice extends Candidate {
  readonly demand: Demand
  /** The name of the share, of a device that is shared. */
  readonly shareId: string | undefined
  readonly consumed: ConsumedCapacity
}

export interface ClaimAllocation {
  readonly devices: readonly ChosenDevice[]
  /** Of each request the alternative that was chosen. */
  readonly chosen: readonly Demand[]
}

interface AskedClaim {
  readonly claim: ResourceClaim
  readonly requests: readonly RequestDemand[]
  readonly constraints: readonly ClaimConstraint[]
}

/**
 * `tooMany`: a claim would have more devices than it may hold, and no other choice within the request changes that.
 */
type Outcome = 'found' | 'none' | 'tooMany'

/** Where to go on looking, so that no combination is tried twice. */
interface Position {
  readonly pool: number
  readonly slice: number
  readonly device: number
}
const start: Position = { pool: 0, slice: 0, device: 0 }

/** Tries what could be allocated, device by device, going back where it does not work out (allocateOne). */
export class AllocationSearch {
  readonly #node: Node
  readonly #asked: readonly AskedClaim[]
  readonly #pools: readonly DevicePool[]
  readonly #matcher: DeviceMatcher
  readonly #features: AllocatorFeatures
  readonly #allocated: AllocatedState
  readonly #shareId: () => string
  readonly #late: () => boolean
  readonly #results: ChosenDevice[][]
  readonly #chosen: Demand[][]
  /** Devices that are being allocated, with the claims (by their place) that have them. */
  readonly #taken = new Map<string, ReadonlySet<number>>()
  /** The same for devices that are shared, with what is consumed of them. */
  readonly #shared = new Map<string, ConsumedCapacity>()
  readonly #counters = new Map<string, PoolCounters>()
  readonly #groups = new Map<string, CompatibilityGroups>()

  constructor(options: {
    readonly node: Node
    readonly asked: readonly AskedClaim[]
    readonly pools: readonly DevicePool[]
    readonly matcher: DeviceMatcher
    readonly features: AllocatorFeatures
    readonly allocated: AllocatedState
    readonly shareId: () => string
    readonly late: () => boolean
  }) {
    this.#node = options.node
    this.#asked = options.asked
    this.#pools = options.pools
    this.#matcher = options.matcher
    this.#features = options.features
    this.#allocated = options.allocated
    this.#shareId = options.shareId
    this.#late = options.late
    this.#results = options.asked.map(() => [])
    this.#chosen = options.asked.map(({ requests }) => requests.map(({ alternatives }) => alternatives[0]!))
  }

  run(): readonly ClaimAllocation[] | undefined {
    if (this.#request(0, 0) !== 'found') return undefined
    return this.#results.map((devices, index) => ({ devices, chosen: this.#chosen[index]! }))
  }

  /** Everything from this request on. */
  #request(claim: number, request: number): Outcome {
    if (this.#late()) throw new AllocationTimeout('filter operation aborted: context deadline exceeded')
    const asked = this.#asked[claim]
    if (asked === undefined) return 'found'
    const demand = asked.requests[request]
    // An earlier claim with other choices may leave enough.
    if (demand === undefined) return this.#request(claim + 1, 0) === 'found' ? 'found' : 'none'
    let allTooMany = true
    for (const alternative of demand.alternatives) {
      const outcome = this.#device(claim, request, alternative, 0, start)
      if (outcome === 'found') {
        this.#chosen[claim]![request] = alternative
        return outcome
      }
      if (!demand.isList) return outcome
      if (outcome === 'none') allTooMany = false
    }
    return allTooMany ? 'tooMany' : 'none'
  }

  /** Everything from the n-th device of this request on. */
  #device(claim: number, request: number, demand: Demand, count: number, from: Position): Outcome {
    if (this.#late()) throw new AllocationTimeout('filter operation aborted: context deadline exceeded')
    const all = demand.mode === 'All'
    if (all && demand.allDevices.length === 0) return 'none'
    if (count >= demand.numDevices) return this.#request(claim, request + 1)
    if (demand.numDevices - count > maxDevicesPerClaim - this.#results[claim]!.length) return 'tooMany'
    const next = (candidate: Candidate, position: Position, must: boolean): Outcome => {
      const undo = this.#take(claim, demand, candidate, must)
      if (undo === undefined) return 'none'
      const outcome = this.#device(claim, request, demand, count + 1, position)
      if (outcome !== 'found') undo()
      return outcome
    }
    if (all) return next(demand.allDevices[count]!, start, true)
    for (const [candidate, position] of this.#candidates(from)) {
      if (!this.#isUsable(claim, request, demand, candidate)) continue
      const outcome = next(candidate, position, false)
      if (outcome !== 'none') return outcome
    }
    return 'none'
  }

  *#candidates(from: Position): Generator<readonly [Candidate, Position]> {
    for (let at = from.pool; at < this.#pools.length; at++) {
      const pool = this.#pools[at]!
      if (pool.incomplete || pool.invalid !== undefined) continue
      for (let slice = at === from.pool ? from.slice : 0; slice < pool.slices.length; slice++) {
        const one = pool.slices[slice]!
        const devices = one.spec.devices ?? []
        const first = at === from.pool && slice === from.slice ? from.device : 0
        for (let device = first; device < devices.length; device++) {
          const key = deviceKey(pool.driver, pool.name, devices[device]!.name)
          yield [
            { key, device: devices[device]!, slice: one, pool },
            { pool: at, slice, device: device + 1 },
          ]
        }
      }
    }
  }

  #isUsable(claim: number, request: number, demand: Demand, candidate: Candidate): boolean {
    const { key } = candidate
    if (demand.adminAccess === true ? this.#taken.get(key)?.has(claim) : this.#inUse(key)) return false
    const id = `${claim} ${request} ${demand.name}`
    if (!this.#matcher.suits(id, this.#asked[claim]!.claim, demand, candidate)) return false
    return !this.#features.consumableCapacity || this.#fits(claim, demand, candidate, 'checking')
  }

  #fits(claim: number, demand: Demand, { key, device }: Candidate, doing: string): boolean {
    return whileChecking(`${this.#name(claim, demand)}: ${doing} capacity for device ${key}`, () =>
      hasCapacity(
        device,
        demand.capacity,
        [this.#allocated.consumed(key), this.#shared.get(key)],
        this.#features.fractionalCapacityRange,
      ),
    )
  }

  #name(claim: number, { name }: Demand): string {
    return `claim ${keyOf(this.#asked[claim]!.claim)}, request ${name}`
  }

  #inUse(key: string): boolean {
    return this.#allocated.isTaken(key) || this.#taken.has(key)
  }

  /** Takes the device if nothing speaks against it; the answer gives it back. `must`: this one, or none at all. */
  #take(claim: number, demand: Demand, candidate: Candidate, must: boolean): (() => void) | undefined {
    const { key, device, slice, pool } = candidate
    const { consumableCapacity, fractionalCapacityRange } = this.#features
    const admin = demand.adminAccess === true
    const shares = consumableCapacity && device.allowMultipleAllocations === true
    if (!shares && admin && this.#taken.get(key)?.has(claim)) return undefined
    if (!admin && this.#inUse(key)) return undefined
    if ((slice.spec.skipNodeOperations ?? []).length > 0 && !this.#canSkipNodeOperations()) return undefined
    const undo: (() => void)[] = []
    const giveUp = () => {
      for (const step of undo.reverse()) step()
      return undefined
    }
    if ((device.consumesCounters ?? []).length > 0) {
      if (!this.#features.partitionableDevices) return undefined
      // A further share of a device costs nothing more.
      const counted = shares && (this.#allocated.isShared(key) || this.#shared.has(key))
      if (!counted) {
        const limits = [...this.#groupsOf(pool), this.#countersOf(pool)]
        for (const limit of limits) {
          if (!limit.take(device)) return giveUp()
          undo.push(() => limit.giveBack())
        }
      }
    }
    if (this.#features.deviceTaints && !isTolerated(demand, candidate)) return giveUp()
    for (const constraint of this.#asked[claim]!.constraints) {
      if (constraint.add(demand, candidate)) {
        undo.push(() => constraint.remove(demand))
        continue
      }
      giveUp()
      if (!must) return undefined
      const why = 'because a claim constraint would not be satisfied'
      throw new AllocationError(`${this.#name(claim, demand)}: cannot add device ${key} ${why}`)
    }
    if (consumableCapacity && !this.#fits(claim, demand, candidate, 'rechecking')) return giveUp()
    let consumed: ConsumedCapacity = new Map()
    if (shares) {
      consumed = consumedBy(device, demand.capacity, fractionalCapacityRange)
      undo.push(replace(this.#shared, key, addCapacity(this.#shared.get(key), consumed)))
    } else undo.push(replace(this.#taken, key, new Set([...(this.#taken.get(key) ?? []), claim])))
    const devices = this.#results[claim]!
    devices.push({ ...candidate, demand, consumed, shareId: shares ? this.#shareId() : undefined })
    undo.push(() => devices.pop())
    return giveUp
  }

  #canSkipNodeOperations(): boolean {
    const declared: readonly string[] = this.#node.status?.declaredFeatures ?? []
    return this.#features.optionalNodeOperations && declared.includes('DRAOptionalNodeOperations')
  }

  #countersOf(pool: DevicePool): PoolCounters {
    return known(this.#counters, poolId(pool), () => new PoolCounters(availableCounters(pool, this.#allocated)))
  }
  #groupsOf(pool: DevicePool): readonly CompatibilityGroups[] {
    if (!this.#features.compatibilityGroups) return []
    const groups = () => new CompatibilityGroups(allocatedGroups(pool, this.#allocated))
    return [known(this.#groups, poolId(pool), groups)]
  }
}

function known<Item>(items: Map<string, Item>, key: string, make: () => Item): Item {
  let item = items.get(key)
  if (item === undefined) items.set(key, (item = make()))
  return item
}

/** Sets a value; the answer brings back what was there. */
function replace<Item>(items: Map<string, Item>, key: string, item: Item): () => void {
  const before = items.get(key)
  items.set(key, item)
  return () => {
    if (before === undefined) items.delete(key)
    else items.set(key, before)
  }
}

function isTolerated({ tolerations = [] }: Demand, { device }: Candidate): boolean {
  return (device.taints ?? []).every(
    (taint) =>
      (taint.effect !== 'NoExecute' && taint.effect !== 'NoSchedule') ||
      tolerations.some((toleration) => toleratesDeviceTaint(toleration, taint)),
  )
}
