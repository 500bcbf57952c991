import type { ResourceAmounts } from '../../api/core/v1/pod-requests.ts'

/** Amounts of what a node has or a pod asks for. */
export interface Resource {
  milliCpu: number
  memoryBytes: number
  ephemeralStorageBytes: number
  /** Extended resources, huge pages and the like, in whole pieces or bytes. */
  scalars: Map<string, number> | undefined
}

export function resourceOf(amounts: ResourceAmounts): Resource {
  const resource: Resource = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0, scalars: undefined }
  for (const [name, amount] of amounts) {
    if (name === 'cpu') resource.milliCpu = amount
    else if (name === 'memory') resource.memoryBytes = amount
    else if (name === 'ephemeral-storage') resource.ephemeralStorageBytes = amount
    else if (isScalarResource(name)) (resource.scalars ??= new Map()).set(name, amount)
  }
  return resource
}

/** Adds (`sign` 1) or takes away (-1), in place. */
export function accumulate(total: Resource, amount: Resource, sign: 1 | -1): void {
  total.milliCpu += sign * amount.milliCpu
  total.memoryBytes += sign * amount.memoryBytes
  total.ephemeralStorageBytes += sign * amount.ephemeralStorageBytes
  if (!amount.scalars) return
  const scalars = (total.scalars ??= new Map<string, number>())
  for (const [name, value] of amount.scalars) scalars.set(name, (scalars.get(name) ?? 0) + sign * value)
}

export function copyOf(resource: Resource): Resource {
  return { ...resource, scalars: resource.scalars && new Map(resource.scalars) }
}

/** How much of the resource of this name; CPU in thousandths. */
export function amountOf(resource: Resource, name: string): number {
  switch (name) {
    case 'cpu':
      return resource.milliCpu
    case 'memory':
      return resource.memoryBytes
    case 'ephemeral-storage':
      return resource.ephemeralStorageBytes
    default:
      return resource.scalars?.get(name) ?? 0
  }
}

/** pkg/scheduler/util IsScalarResourceName. */
function isScalarResource(name: string): boolean {
  return name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')
}
