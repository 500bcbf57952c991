import type { AllocationResult } from '../../../../api/types.generated.ts'
import {
  addQuantities,
  parseQuantity,
  type Quantity,
  quantitySign,
  subtractQuantities,
} from '../../../../machinery/quantity.ts'

/** `driver/pool/device`: neither drivers nor devices have a slash in their names. */
export type DeviceKey = string
export function deviceKey(driver: string, pool: string, device: string): DeviceKey {
  return `${driver}/${pool}/${device}`
}

export type ConsumedCapacity = ReadonlyMap<string, Quantity>

/** Which devices are taken, and how much of those that are shared. */
export interface AllocatedState {
  /** By one claim alone. */
  isTaken(device: DeviceKey): boolean
  /** By a claim alone or with others. */
  isAllocated(device: DeviceKey): boolean
  /** With others. */
  isShared(device: DeviceKey): boolean
  /** Undefined: nothing, or nothing that is counted. */
  consumed(device: DeviceKey): ConsumedCapacity | undefined
}

/**
 * What allocations take, kept claim by claim (dynamicresources/allocateddevices.go). Devices that administrators look at
 * are not taken by that.
 */
export class AllocatedDevices implements AllocatedState {
  readonly #consumable: boolean
  readonly #claims = new Map<string, AllocationResult>()
  readonly #taken = new Map<DeviceKey, number>()
  readonly #shared = new Map<DeviceKey, number>()
  readonly #consumed = new Map<DeviceKey, ConsumedCapacity>()

  /** `consumable`: whether claims may share devices (DRAConsumableCapacity). */
  constructor(consumable: boolean) {
    this.#consumable = consumable
  }

  /** What a claim has from now on; undefined: nothing. */
  set(uid: string, allocation: AllocationResult | undefined): void {
    const before = this.#claims.get(uid)
    if (before === allocation) return
    if (before !== undefined) this.#count(before, -1)
    if (allocation === undefined) this.#claims.delete(uid)
    else {
      this.#claims.set(uid, allocation)
      this.#count(allocation, 1)
    }
  }

  isTaken(device: DeviceKey): boolean {
    return this.#taken.has(device)
  }
  isShared(device: DeviceKey): boolean {
    return this.#consumed.has(device) || this.#shared.has(device)
  }
  isAllocated(device: DeviceKey): boolean {
    return this.isTaken(device) || this.isShared(device)
  }
  consumed(device: DeviceKey): ConsumedCapacity | undefined {
    return this.#consumed.get(device)
  }

  #count({ devices }: AllocationResult, sign: 1 | -1): void {
    for (const { driver, pool, device, adminAccess, shareID, consumedCapacity } of devices?.results ?? []) {
      if (adminAccess === true) continue
      const key = deviceKey(driver, pool, device)
      if (!this.#consumable || shareID === undefined) tally(this.#taken, key, sign)
      else {
        tally(this.#shared, key, sign)
        if (consumedCapacity === undefined) continue
        const amounts = Object.entries(consumedCapacity).map(([name, text]) => [name, parseQuantity(text)] as const)
        const sum = (sign === 1 ? addCapacity : subtractCapacity)(this.#consumed.get(key), new Map(amounts))
        if (sign === -1 && isNothing(sum)) this.#consumed.delete(key)
        else this.#consumed.set(key, sum)
      }
    }
  }
}

function tally(counts: Map<DeviceKey, number>, key: DeviceKey, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

export function addCapacity(sum: ConsumedCapacity | undefined, more: ConsumedCapacity): ConsumedCapacity {
  const result = new Map(sum)
  for (const [name, amount] of more) {
    const present = result.get(name)
    result.set(name, present === undefined ? amount : addQuantities(present, amount))
  }
  return result
}
export function subtractCapacity(sum: ConsumedCapacity | undefined, less: ConsumedCapacity): ConsumedCapacity {
  const result = new Map(sum)
  for (const [name, amount] of less) {
    const present = result.get(name)
    if (present !== undefined) result.set(name, subtractQuantities(present, amount))
  }
  return result
}
export function isNothing(capacity: ConsumedCapacity): boolean {
  return [...capacity.values()].every((amount) => quantitySign(amount) === 0)
}
