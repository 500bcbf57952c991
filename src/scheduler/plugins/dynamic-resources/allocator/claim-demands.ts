import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../../../api/types.generated.ts'
import { keyOf } from '../../../../client/informer.ts'
import { deviceKey } from './allocated-state.ts'
import { AllocationError } from './allocation-error.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import { type Candidate, type Demand, type RequestDemand, wantedOf, type WantedDevices } from './claim-requests.ts'
import { hasCapacity } from './consumable-capacity.ts'
import type { DeviceMatcher } from './device-matcher.ts'
import { type DevicePool, devicesOf, poolId } from './device-pools.ts'

/** AllocationResultsMaxSize */
export const maxDevicesPerClaim = 32

/** Finds out what the requests of claims come to on a node, before anything is searched for. */
export class ClaimDemands {
  readonly #features: AllocatorFeatures
  readonly #pools: readonly DevicePool[]
  readonly #matcher: DeviceMatcher
  readonly #classOf: (name: string) => DeviceClass | undefined

  constructor(options: {
    readonly features: AllocatorFeatures
    readonly pools: readonly DevicePool[]
    readonly matcher: DeviceMatcher
    readonly classOf: (name: string) => DeviceClass | undefined
  }) {
    this.#features = options.features
    this.#pools = options.pools
    this.#matcher = options.matcher
    this.#classOf = options.classOf
  }

  /** Throws AllocationError where the claim cannot be met at all. */
  of(claim: ResourceClaim): readonly RequestDemand[] {
    let fewest = 0
    return (claim.spec.devices?.requests ?? []).map((request) => {
      this.#checkFeatures(claim, request)
      const alternatives = wantedOf(request).map((wanted) => this.#demand(claim, wanted))
      const wanted = Math.min(...alternatives.map(({ numDevices }) => numDevices))
      if (wanted > maxDevicesPerClaim - fewest) {
        const limit = `the claim limit of ${maxDevicesPerClaim}, with ${fewest} already accounted for`
        throw new AllocationError(
          `claim ${keyOf(claim)}, request ${request.name}: adding ${wanted} devices exceeds ${limit}`,
        )
      }
      fewest += wanted
      return { name: request.name, alternatives, isList: (request.firstAvailable ?? []).length > 0 }
    })
  }

  #checkFeatures(claim: ResourceClaim, { name, exactly, firstAvailable = [] }: DeviceRequest): void {
    const { prioritizedList, consumableCapacity } = this.#features
    const off = (what: string, has: string, feature: string) =>
      new AllocationError(`claim ${keyOf(claim)}, ${what}: has ${has}, but the ${feature} feature is disabled`)
    if (!prioritizedList && firstAvailable.length > 0) throw off(`request ${name}`, 'subrequests', 'DRAPrioritizedList')
    if (consumableCapacity) return
    if (exactly?.capacity !== undefined) throw off(`request ${name}`, 'capacity requests', 'DRAConsumableCapacity')
    for (const each of firstAvailable)
      if (each.capacity !== undefined)
        throw off(`subrequest ${each.name}`, 'capacity requests', 'DRAConsumableCapacity')
  }

  #demand(claim: ResourceClaim, wanted: WantedDevices): Demand {
    const what = `claim ${keyOf(claim)}, request ${wanted.name}`
    const { derivedAttributes, selectors, adminAccess, className, mode, count } = wanted
    if (derivedAttributes.length > 0 && !this.#features.derivedAttributes)
      throw new AllocationError(`${what}: cannot handle request with derived attributes, the feature is disabled`)
    const unknown = selectors.findIndex(({ cel }) => cel === undefined)
    if (unknown >= 0)
      throw new AllocationError(`${what}, selector #${unknown}: CEL expression empty (unsupported selector type?)`)
    if (adminAccess !== undefined && !this.#features.adminAccess)
      throw new AllocationError(`${what}: admin access is requested, but the feature is disabled`)
    if (className === '') throw new AllocationError(`${what}: missing device class name (unsupported request type?)`)
    const deviceClass = this.#classOf(className)
    if (deviceClass === undefined) {
      const missing = `deviceclass.resource.k8s.io "${className}" not found`
      throw new AllocationError(`${what}: could not retrieve device class ${className}: ${missing}`)
    }
    if (mode === 'ExactCount') return { ...wanted, class: deviceClass, numDevices: count, allDevices: [] }
    if (mode !== 'All') throw new AllocationError(`${what}: unsupported count mode ${mode}`)
    const allDevices = this.#all(what, claim, { ...wanted, class: deviceClass })
    return { ...wanted, class: deviceClass, numDevices: allDevices.length, allDevices }
  }

  #all(what: string, claim: ResourceClaim, wanted: WantedDevices & { class: DeviceClass }): Candidate[] {
    const id = `all ${keyOf(claim)} ${wanted.parent ?? ''}/${wanted.name}`
    const { consumableCapacity, fractionalCapacityRange } = this.#features
    return this.#pools.flatMap((pool) => {
      const state = pool.incomplete ? 'being updated' : pool.invalid === undefined ? undefined : 'invalid'
      if (state !== undefined) {
        const where = `resource pool ${poolId(pool)}`
        throw new AllocationError(`${what}: asks for all devices, but ${where} is currently ${state}`)
      }
      return [...devicesOf(pool.slices)].flatMap(([device, slice]) => {
        const candidate = { key: deviceKey(pool.driver, pool.name, device.name), device, slice, pool }
        if (!this.#matcher.suits(id, claim, wanted, candidate)) return []
        // What others have of it is looked at later: a device that is full must not be left out of "all".
        const fits = () =>
          whileChecking(`${what}: checking capacity for device ${device.name}`, () =>
            hasCapacity(device, wanted.capacity, [], fractionalCapacityRange),
          )
        return !consumableCapacity || fits() ? [candidate] : []
      })
    })
  }
}

/** Says in an AllocationError what was being done. */
export function whileChecking<Answer>(what: string, check: () => Answer): Answer {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error
    throw new AllocationError(`${what}: ${error.message}`, { cause: error })
  }
}
