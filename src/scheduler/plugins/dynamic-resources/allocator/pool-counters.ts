import type { Device } from '../../../../api/types.generated.ts'
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  subtractQuantities,
  zeroQuantity,
} from '../../../../machinery/quantity.ts'
import { type AllocatedState, deviceKey } from './allocated-state.ts'
import { type DevicePool, devicesOf } from './device-pools.ts'

/** Amounts by counter set and counter. */
type Counters = ReadonlyMap<string, ReadonlyMap<string, Quantity>>

/** What is left of the counters that the devices of a pool share (KEP-4815). */
export class PoolCounters {
  readonly #available: Counters
  /** By the devices that are being allocated: the last is what counts. */
  readonly #consumed: Counters[] = [new Map()]

  constructor(available: Counters) {
    this.#available = available
  }

  /** Takes what the device consumes, if that is there. */
  take(device: Device): boolean {
    const consumed = count(this.#consumed.at(-1)!, device, addQuantities)
    for (const [set, counters] of this.#available)
      for (const [name, available] of counters)
        if (compareQuantities(available, consumed.get(set)?.get(name) ?? zeroQuantity) < 0) return false
    this.#consumed.push(consumed)
    return true
  }
  /** Takes back what the last device took. */
  giveBack(): void {
    this.#consumed.pop()
  }
}

/** What devices that are allocated already leave; may be below zero. */
export function availableCounters(pool: DevicePool, allocated: AllocatedState): Counters {
  let available: Counters = new Map(
    [...pool.counterSets].map(([set, { counters }]) => [
      set,
      new Map(Object.entries(counters).map(([name, { value }]) => [name, parseQuantity(value)])),
    ]),
  )
  for (const [device] of devicesOf([...pool.slices, ...pool.otherSlices]))
    if (
      (device.consumesCounters ?? []).length > 0 &&
      allocated.isAllocated(deviceKey(pool.driver, pool.name, device.name))
    )
      available = count(available, device, subtractQuantities)
  return available
}

function count(counters: Counters, device: Device, sum: (a: Quantity, b: string) => Quantity): Counters {
  const result = new Map(counters)
  for (const { counterSet, counters: consumed } of device.consumesCounters ?? []) {
    const amounts = new Map(result.get(counterSet))
    for (const [name, { value }] of Object.entries(consumed ?? {}))
      amounts.set(name, sum(amounts.get(name) ?? zeroQuantity, value))
    result.set(counterSet, amounts)
  }
  return result
}
