import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../../machinery/validation/label-selector.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { checkField, checkPositiveQuantity, checkRequired } from '../../../field-checks.ts'
import type { PersistentVolumeClaimSpec } from '../../../types.generated.ts'
import { checkAccessModes, volumeModes } from '../access-modes.ts'
import { validateResourceQuantity } from '../resource-names.ts'

/** What a claim is forgiven since it was stored so. */
export interface ClaimSpecRules {
  readonly allowInvalidSelector: boolean
  readonly allowInvalidDataSourceGroup: boolean
}
export const strictClaimSpecRules: ClaimSpecRules = { allowInvalidSelector: false, allowInvalidDataSourceGroup: false }

/** pkg/apis/core/validation ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  field: string,
  rules: ClaimSpecRules = strictClaimSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const { accessModes, selector, resources, storageClassName, volumeMode, volumeAttributesClassName } = spec
  if (!accessModes?.length) {
    errors.push(fieldErrors.required(`${field}.accessModes`, 'at least 1 access mode is required'))
  }
  errors.push(
    ...validateLabelSelector(selector, `${field}.selector`, { allowInvalidLabelValue: rules.allowInvalidSelector }),
  )
  errors.push(...checkAccessModes(accessModes, `${field}.accessModes`))
  const storage = resources?.requests?.['storage']
  const storageField = `${field}.resources[storage]`
  if (storage === undefined) errors.push(fieldErrors.required(storageField))
  else {
    const faults = checkPositiveQuantity(storage, storageField)
    errors.push(...(faults.length > 0 ? faults : validateResourceQuantity('storage', storage, storageField)))
  }
  if (storageClassName) errors.push(...checkField(storageClassName, `${field}.storageClassName`, dns1123Subdomain))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(fieldErrors.notSupported(`${field}.volumeMode`, volumeMode, volumeModes))
  }
  errors.push(...validateDataSources(spec, field, rules))
  if (volumeAttributesClassName) {
    errors.push(...checkField(volumeAttributesClassName, `${field}.volumeAttributesClassName`, dns1123Subdomain))
  }
  return errors
}

function validateDataSources(spec: PersistentVolumeClaimSpec, field: string, rules: ClaimSpecRules): FieldError[] {
  const { dataSource, dataSourceRef } = spec
  const errors: FieldError[] = []
  if (dataSource) errors.push(...validateDataSource(dataSource, `${field}.dataSource`, rules))
  if (dataSourceRef) {
    const at = `${field}.dataSourceRef`
    errors.push(...validateDataSource(dataSourceRef, at, rules))
    if (dataSourceRef.namespace) errors.push(...checkField(dataSourceRef.namespace, `${at}.namespace`, dns1123Label))
  }
  if (!dataSource || !dataSourceRef) return errors
  // The bad value is a path, upstream too, and a path is an empty object in JSON.
  if (dataSourceRef.namespace) {
    errors.push(fieldErrors.invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  } else if (
    dataSource.apiGroup !== dataSourceRef.apiGroup ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    errors.push(fieldErrors.invalid(field, {}, 'must match dataSourceRef'))
  }
  return errors
}

interface DataSource {
  readonly apiGroup?: string
  readonly kind: string
  readonly name: string
}

function validateDataSource(source: DataSource, field: string, rules: ClaimSpecRules): FieldError[] {
  const { apiGroup, kind, name } = source
  const errors = [...checkRequired(name, `${field}.name`), ...checkRequired(kind, `${field}.kind`)]
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    errors.push(fieldErrors.invalid(field, kind, detail))
  }
  if (apiGroup && !rules.allowInvalidDataSourceGroup) {
    errors.push(...checkField(apiGroup, `${field}.apiGroup`, (group) => dns1123Subdomain(group)))
  }
  return errors
}
