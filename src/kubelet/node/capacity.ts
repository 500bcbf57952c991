import { canonicalQuantity } from '../../machinery/quantity.ts'
import { bytesQuantity, cpuQuantity, millis, units } from '../resources/quantity.ts'
import type { Machine } from './machine.ts'

type List = Readonly<Record<string, string>>

export interface CapacityInput {
  readonly machine: Machine
  /** Bytes of the file system of the kubelet's folder. */
  readonly diskBytes: number
  readonly hugepageSizes: readonly string[]
  readonly maxPods: number
  readonly reserved: List
  readonly evictionMemoryBytes: number
  /** Instead of the machine's own. */
  readonly override: List
}

/** What the node has and what of it pods may use. */
export function nodeResources(input: CapacityInput): { readonly capacity: List; readonly allocatable: List } {
  const { machine, diskBytes, hugepageSizes, maxPods, reserved, evictionMemoryBytes, override } = input
  const hugepages = hugepageSizes.map((size) => [`hugepages-${size.replace(/B$/, 'i')}`, '0'] as const)
  const capacity: Record<string, string> = {
    cpu: String(machine.cpuCount),
    'ephemeral-storage': `${Math.floor(diskBytes / 1024)}Ki`,
    ...Object.fromEntries(hugepages),
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    pods: String(maxPods),
    ...override,
  }
  const allocatable = Object.fromEntries(
    Object.entries(capacity).map(([name, quantity]) => [name, minus(name, quantity, reserved[name])]),
  )
  const memory = units(allocatable['memory']) - evictionMemoryBytes
  allocatable['memory'] = bytesQuantity(Math.max(0, memory))
  // A tenth of the disk is kept free by eviction.
  if (override['ephemeral-storage'] === undefined) {
    allocatable['ephemeral-storage'] = String(Math.floor(units(allocatable['ephemeral-storage']) * 0.9))
  }
  return { capacity: canonical(capacity), allocatable: canonical(allocatable) }
}

/** As the server will show it: what it stored and what is told next must not seem to differ. */
function canonical(list: List): List {
  return Object.fromEntries(Object.entries(list).map(([name, quantity]) => [name, canonicalQuantity(quantity)]))
}

function minus(name: string, quantity: string, reserved: string | undefined): string {
  if (reserved === undefined) return quantity
  if (name === 'cpu') return cpuQuantity(Math.max(0, millis(quantity) - millis(reserved)))
  return bytesQuantity(Math.max(0, units(quantity) - units(reserved)))
}
