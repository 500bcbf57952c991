import type { CSIStorageCapacity, Node, PersistentVolumeClaim, StorageClass } from '../../../api/types.generated.ts'
import { cachedSelector } from '../../../machinery/labels/label-selector.ts'
import { quantityValue } from '../../../machinery/quantity.ts'
import type { Lookups } from '../../framework/lookups.ts'

/**
 * Whether a driver that tells how much it has left has enough for the claim where the node reaches it: true, or where it
 * would be taken from (binder.go hasEnoughCapacity). Drivers that do not tell always have enough.
 */
export function enoughCapacity(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  node: Node,
  lookups: Lookups,
): CSIStorageCapacity | boolean {
  const wanted = claim.spec?.resources?.requests?.storage
  if (wanted === undefined) return true
  if (lookups.csiDriver(storageClass.provisioner)?.spec.storageCapacity !== true) return true
  const bytes = quantityValue(wanted)
  const found = lookups.storageCapacities().find((capacity) => {
    const limit = volumeLimit(capacity)
    return (
      capacity.storageClassName === storageClass.metadata.name &&
      limit !== undefined &&
      quantityValue(limit) >= bytes &&
      capacity.nodeTopology !== undefined &&
      cachedSelector(capacity.nodeTopology).matches(node.metadata.labels)
    )
  })
  return found ?? false
}

/** The largest volume, which is more exact than what is left altogether. */
export function volumeLimit({ maximumVolumeSize, capacity }: CSIStorageCapacity): string | undefined {
  return maximumVolumeSize ?? capacity
}
