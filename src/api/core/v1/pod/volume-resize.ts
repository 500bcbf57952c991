import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { equalQuantities, quantitySign } from '../../../../machinery/quantity.ts'
import type { Volume } from '../../../types.generated.ts'

/** Of volumes only the size of those in memory may change with a resize (pkg/apis/core/validation ValidatePodResize). */
export function validateVolumeResize(volumes: readonly Volume[] = [], old: readonly Volume[] = []): FieldError[] {
  if (volumes.length !== old.length) {
    return [fieldErrors.forbidden('spec.volumes', 'volumes may not be added or removed on resize')]
  }
  return volumes.flatMap((volume, index) => {
    const before = old[index]!
    const field = `spec.volumes[${index}]`
    if (volume.name !== before.name) {
      return [fieldErrors.forbidden(`${field}.name`, 'volumes may not be renamed or reordered on resize')]
    }
    if (!jsonEqual(withoutLimit(volume, before), withoutLimit(before, volume))) {
      const detail = 'only sizeLimit of memory-backed emptyDir volumes is mutable on resize'
      return [fieldErrors.forbidden(field, detail)]
    }
    return volume.emptyDir && before.emptyDir ? validateLimit(volume.emptyDir, before.emptyDir, field) : []
  })
}

type EmptyDir = NonNullable<Volume['emptyDir']>

function withoutLimit(volume: Volume, other: Volume): Volume {
  if (!volume.emptyDir || !other.emptyDir) return volume
  const { sizeLimit: _, ...emptyDir } = volume.emptyDir
  return { ...volume, emptyDir }
}

function validateLimit({ medium, sizeLimit }: EmptyDir, old: EmptyDir, volume: string): FieldError[] {
  const field = `${volume}.emptyDir.sizeLimit`
  const isLimit = (quantity: string | undefined) => quantity !== undefined && quantitySign(quantity) !== 0
  if (isLimit(sizeLimit) !== isLimit(old.sizeLimit)) {
    return [fieldErrors.forbidden(field, 'adding or removing sizeLimit on an existing volume is not allowed')]
  }
  if (sizeLimit === undefined || old.sizeLimit === undefined || equalQuantities(sizeLimit, old.sizeLimit)) return []
  if (medium === 'Memory') return []
  return [fieldErrors.forbidden(field, 'sizeLimit is only mutable for memory-backed emptyDir volumes')]
}
