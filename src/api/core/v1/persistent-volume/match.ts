import type { PersistentVolume, PersistentVolumeClaim } from '../../../types.generated.ts'

/** Whether a volume is what a claim asks for, point by point (component-helpers storage/volume). */

/** Reserved for the claim, or bound to it. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec
  return (
    claimRef !== undefined &&
    claimRef.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (!claimRef.uid || claimRef.uid === metadata.uid)
  )
}

export function sameVolumeMode({ spec }: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (spec.volumeMode ?? 'Filesystem') === (volume.spec.volumeMode ?? 'Filesystem')
}

export function sameAttributesClass({ spec }: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (spec.volumeAttributesClassName ?? '') === (volume.spec.volumeAttributesClassName ?? '')
}

export function hasModes({ spec }: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  const modes: readonly string[] = volume.spec.accessModes ?? []
  return (spec.accessModes ?? []).every((mode) => modes.includes(mode))
}

export function sizeOf(volume: PersistentVolume): string {
  return volume.spec.capacity?.storage ?? '0'
}

export function wantedSize({ spec }: PersistentVolumeClaim): string {
  return spec.resources?.requests?.storage ?? '0'
}
