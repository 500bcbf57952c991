import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonDiff } from '../../../../machinery/json-diff.ts'
import { internalForm } from '../../../internal-form.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { compareQuantities } from '../../../../machinery/quantity.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { checkField } from '../../../field-checks.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../types.generated.ts'
import { checkBasicQuantity } from '../persistent-volume/validation.ts'
import { isNativeResource } from '../pod/pod-resources.ts'
import { validateResourceQuantity } from '../resource-names.ts'
import { validateClaimSpec, type ClaimSpecRules } from './spec-validation.ts'

/** pkg/apis/core/validation ValidatePersistentVolumeClaim. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec!, 'spec')
}

function rulesFor({ spec }: PersistentVolumeClaim): ClaimSpecRules {
  return {
    allowInvalidSelector: validateLabelSelector(spec?.selector, '').length > 0,
    allowInvalidDataSourceGroup:
      spec?.dataSource?.apiGroup !== undefined || spec?.dataSourceRef?.apiGroup !== undefined,
  }
}

type Changing = { -readonly [Member in keyof PersistentVolumeClaimSpec]: PersistentVolumeClaimSpec[Member] }

/** Of a bound claim, the size may grow; else only what finds it a volume may be completed. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const spec = claim.spec!
  const before = old.spec!
  const errors = validateClaimSpec(spec, 'spec', rulesFor(old))
  const rest: Changing = { ...spec }
  const kept: Changing = { ...before }
  if (!before.volumeName) copy(spec, kept, 'volumeName')
  const annotation = claim.metadata.annotations?.[classAnnotation]
  const oldAnnotation = old.metadata.annotations?.[classAnnotation]
  const upgrades =
    oldAnnotation !== undefined &&
    before.storageClassName === undefined &&
    spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  if (upgrades) delete rest.storageClassName
  else {
    if ((annotation ?? '') !== (oldAnnotation ?? '')) {
      errors.push(
        fieldErrors.invalid(`metadata.annotations.${classAnnotation}`, annotation ?? '', 'field is immutable'),
      )
    }
    const completes =
      spec.storageClassName !== undefined &&
      before.storageClassName === undefined &&
      (oldAnnotation === undefined || spec.storageClassName === oldAnnotation)
    if (completes) delete rest.storageClassName
  }
  const [size, oldSize] = [storageOf(spec), storageOf(before)]
  if (claim.status?.phase === 'Bound') {
    if (spec.resources?.requests) {
      rest.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage: oldSize } }
    }
    copy(before, rest, 'volumeAttributesClassName')
  }
  if (!jsonEqual(rest, kept)) {
    const shown = (one: unknown) => internalForm('io.k8s.api.core.v1.PersistentVolumeClaimSpec', one)
    const detail = `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${jsonDiff(shown(kept), shown(rest))}`
    errors.push(fieldErrors.forbidden('spec', detail))
  }
  // A size that could not be had can be asked for no more.
  if (compareQuantities(size, oldSize) < 0 && compareQuantities(size, old.status?.capacity?.['storage'] ?? '0') <= 0) {
    const detail = 'field can not be less than status.capacity'
    errors.push(fieldErrors.forbidden('spec.resources.requests.storage', detail))
  }
  errors.push(...validateImmutable(spec.volumeMode ?? null, before.volumeMode ?? null, 'volumeMode'))
  return [...errors, ...validateAttributesClassChange(spec, old)]
}

function copy<Member extends keyof Changing>(from: PersistentVolumeClaimSpec, to: Changing, member: Member): void {
  if (from[member] === undefined) delete to[member]
  else to[member] = from[member]
}

function storageOf({ resources }: PersistentVolumeClaimSpec): string {
  return resources?.requests?.['storage'] ?? '0'
}

function validateAttributesClassChange(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaim): FieldError[] {
  const name = spec.volumeAttributesClassName
  if (name === old.spec?.volumeAttributesClassName) return []
  if (old.status?.currentVolumeAttributesClassName === undefined || name) return []
  const what = name === undefined ? 'nil' : 'empty string'
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [fieldErrors.forbidden('spec.volumeAttributesClassName', detail)]
}

const resizeStatuses: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort()

/** pkg/apis/core/validation ValidatePersistentVolumeClaimStatusUpdate. */
export function validateClaimStatus({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  if (!spec?.accessModes?.length) errors.push(fieldErrors.required('Spec.accessModes'))
  for (const [name, quantity] of Object.entries(status.capacity ?? {})) {
    errors.push(...checkBasicQuantity(quantity, `status.capacity[${name}]`))
  }
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    const field = 'status.allocatedResourceStatuses'
    errors.push(...checkResource(name, field))
    // The name is quoted, not the state, upstream too.
    if (!resizeStatuses.includes(state)) errors.push(fieldErrors.notSupported(field, name, resizeStatuses))
  }
  for (const [name, quantity] of Object.entries(status.allocatedResources ?? {})) {
    const field = 'status.allocatedResources'
    const faults = checkResource(name, field)
    if (faults.length === 0) faults.push(...checkBasicQuantity(quantity, `${field}[${name}]`))
    if (faults.length === 0) faults.push(...validateResourceQuantity('storage', quantity, `${field}[${name}]`))
    errors.push(...faults)
  }
  return errors
}

/** Of Kubernetes' own resources, a claim has storage. */
function checkResource(name: string, field: string): FieldError[] {
  const errors = checkField(name, field, qualifiedName)
  if (errors.length > 0 || !isNativeResource(name) || name === 'storage') return errors
  return [fieldErrors.notSupported(field, name, ['storage'])]
}
