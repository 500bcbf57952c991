import {
  hasModes,
  isBoundTo,
  sameAttributesClass,
  sameVolumeMode,
  sizeOf,
  wantedSize,
} from '../../api/core/v1/persistent-volume/match.ts'
import { storageClassOf } from '../../api/core/v1/storage-columns.ts'
import { isDefaultStorageClass } from '../../api/storage/v1/storage-class.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.generated.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import { everything } from '../../machinery/labels/selector.ts'
import { compareQuantities, quantityValue } from '../../machinery/quantity.ts'
import { timeOf } from '../pods/pod-state.ts'

/**
 * The volume for a claim that does not care which: one that is reserved for it or else, unless a scheduler is to choose
 * (`delayed`), the smallest free one with the fewest access modes (persistentvolume/index.go findBestMatchForClaim).
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  delayed: boolean,
): PersistentVolume | undefined {
  const wanted = wantedSize(claim)
  const selector = claim.spec.selector ? cachedSelector(claim.spec.selector) : everything
  const possible = volumes.filter(
    (volume) =>
      hasModes(claim, volume) &&
      (volume.spec.claimRef === undefined || isBoundTo(volume, claim)) &&
      compareQuantities(sizeOf(volume), wanted) >= 0 &&
      sameVolumeMode(claim, volume) &&
      sameAttributesClass(claim, volume) &&
      volume.metadata.deletionTimestamp === undefined,
  )
  const modes = (volume: PersistentVolume) => volume.spec.accessModes?.length ?? 0
  const free = (volume: PersistentVolume) =>
    !delayed &&
    volume.status?.phase === 'Available' &&
    selector.matches(volume.metadata.labels) &&
    storageClassOf(volume) === storageClassOf(claim)
  return possible
    .filter((volume) => isBoundTo(volume, claim) || free(volume))
    .sort(
      (a, b) =>
        modes(a) - modes(b) ||
        Number(isBoundTo(b, claim)) - Number(isBoundTo(a, claim)) ||
        compareQuantities(sizeOf(a), sizeOf(b)),
    )[0]
}

/** Why the volume that the claim asked for will not do; undefined: it will (checkVolumeSatisfyClaim). */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion "${volume.metadata.name}"`
  }
  if (quantityValue(sizeOf(volume)) < quantityValue(wantedSize(claim))) {
    return 'requested PV is too small'
  }
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match'
  if (!sameAttributesClass(claim, volume)) return 'volumeAttributesClassName does not match'
  if (!sameVolumeMode(claim, volume)) return 'incompatible volumeMode'
  return hasModes(claim, volume) ? undefined : 'incompatible accessMode'
}

/** The class of claims that name none: the newest of those that are marked as such. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const age = ({ metadata }: StorageClass) => timeOf(metadata.creationTimestamp) ?? 0
  return classes
    .filter(isDefaultStorageClass)
    .sort((a, b) => age(b) - age(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0]
}
