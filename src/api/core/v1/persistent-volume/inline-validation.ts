import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import type { PersistentVolumeSpec } from '../../../types.generated.ts'
import { checkAccessModes } from '../access-modes.ts'
import { validateVolumeSource } from './sources.ts'
import { validateRecycling } from './validation.ts'

const notInline = 'may not be specified in the context of inline volumes'

/** A volume that an attachment brings with it (pkg/apis/core/validation ValidatePersistentVolumeSpec, inline). */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { accessModes, persistentVolumeReclaimPolicy: policy, volumeMode } = spec
  const errors: FieldError[] = []
  const refuse = (member: keyof PersistentVolumeSpec, detail = notInline) =>
    errors.push(fieldErrors.forbidden(`${field}.${member}`, detail))
  if (spec.claimRef) refuse('claimRef')
  if (Object.keys(spec.capacity ?? {}).length > 0) refuse('capacity')
  if (!spec.csi)
    errors.push(fieldErrors.required(`${field}.csi`, 'has to be specified in the context of inline volumes'))
  if (!accessModes?.length) errors.push(fieldErrors.required(`${field}.accessModes`))
  errors.push(...checkAccessModes(accessModes, `${field}.accessModes`))
  if (policy && policy !== 'Retain') {
    refuse('persistentVolumeReclaimPolicy', 'may only be Retain in the context of inline volumes')
  }
  if (spec.nodeAffinity) refuse('nodeAffinity')
  // Where a volume lies is not asked for here, though a local one wants to be told.
  const { nodeAffinity: _, ...rest } = spec
  errors.push(...validateVolumeSource(rest, '', field), ...validateRecycling(spec, field))
  if (spec.storageClassName) refuse('storageClassName')
  if (volumeMode !== undefined && volumeMode !== 'Filesystem') {
    refuse('volumeMode', 'may not specify volumeMode other than Filesystem in the context of inline volumes')
  }
  return errors
}
