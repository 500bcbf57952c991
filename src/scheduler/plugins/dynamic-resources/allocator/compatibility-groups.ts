import type { Device } from '../../../../api/types.generated.ts'
import { type AllocatedState, deviceKey } from './allocated-state.ts'
import { type DevicePool, devicesOf } from './device-pools.ts'

/** By counter set: the groups that all devices on it have; an empty set: they have none. */
type Groups = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Devices that consume of one counter set at the same time must have a group in common, or have none at all
 * (DRADeviceCompatibilityGroups; structured/internal/experimental compatibility_groups.go).
 */
export class CompatibilityGroups {
  readonly #stack: Groups[]
  constructor(allocated: Groups) {
    this.#stack = [allocated]
  }
  take(device: Device): boolean {
    const next = joined(this.#stack.at(-1)!, device)
    if (next !== undefined) this.#stack.push(next)
    return next !== undefined
  }
  giveBack(): void {
    this.#stack.pop()
  }
}

/** Of the devices that are allocated already, whether they go together or not. */
export function allocatedGroups(pool: DevicePool, allocated: AllocatedState): Groups {
  let groups: Groups = new Map()
  for (const [device] of devicesOf([...pool.slices, ...pool.otherSlices]))
    if (allocated.isAllocated(deviceKey(pool.driver, pool.name, device.name)))
      groups = joined(groups, device) ?? forced(groups, device)
  return groups
}

/** Undefined: the device does not go with the others. */
function joined(groups: Groups, { consumesCounters = [] }: Device): Groups | undefined {
  const result = new Map(groups)
  for (const { counterSet, compatibilityGroups = [] } of consumesCounters) {
    const own = new Set(compatibilityGroups)
    const present = result.get(counterSet)
    const both = present === undefined ? own : present.intersection(own)
    if (present !== undefined && (present.size === 0) !== (own.size === 0)) return undefined
    if (both.size === 0 && own.size > 0) return undefined
    result.set(counterSet, both)
  }
  return result
}

function forced(groups: Groups, { consumesCounters = [] }: Device): Groups {
  const result = new Map(groups)
  for (const { counterSet, compatibilityGroups = [] } of consumesCounters) {
    const present = result.get(counterSet)
    if (present === undefined) result.set(counterSet, new Set(compatibilityGroups))
    else if (present.size > 0 && compatibilityGroups.length > 0)
      result.set(counterSet, present.intersection(new Set(compatibilityGroups)))
  }
  return result
}
