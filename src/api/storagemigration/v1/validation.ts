import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { dns1035Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { internalForm } from '../../internal-form.ts'
import { checkResourceVersion } from '../../resource-version.ts'
import type { StorageVersionMigration } from '../../types.generated.ts'

/** pkg/apis/storagemigration/validation. */

export function validateMigration({ spec }: StorageVersionMigration): FieldError[] {
  const { group, resource } = spec?.resource ?? {}
  const check = (value: string, field: string, faults: readonly string[]) =>
    faults.length === 0 ? [] : [fieldErrors.invalid(field, value, faults.join(','))]
  return [
    ...(resource
      ? check(resource, 'spec.resource.resource', dns1035Label(resource))
      : [fieldErrors.required('spec.resource.resource', 'resource is required to be set')]),
    ...(group ? check(group, 'spec.resource.group', dns1123Subdomain(group)) : []),
  ]
}

export function validateMigrationUpdate(
  migration: StorageVersionMigration,
  old: StorageVersionMigration,
): FieldError[] {
  return [...validateMigration(migration), ...validateImmutable(shown(migration), shown(old), 'spec')]
}

const shown = ({ spec }: StorageVersionMigration) =>
  internalForm('io.k8s.api.storagemigration.v1.StorageVersionMigrationSpec', spec)

export function validateMigrationStatus(
  { status = {} }: StorageVersionMigration,
  { status: before = {} }: StorageVersionMigration,
): FieldError[] {
  const { conditions, resourceVersion = '' } = status
  const errors = checkResourceVersion(resourceVersion, 'status.resourceVersion')
  errors.push(...validateConditions(conditions, 'status.conditions'))
  if (before.resourceVersion && before.resourceVersion !== resourceVersion) {
    errors.push(fieldErrors.invalid('status.resourceVersion', resourceVersion, fieldImmutableMessage))
  }
  const fault = (detail: string) => errors.push(fieldErrors.invalid('status.conditions', conditions ?? null, detail))
  if (isTrue(status, 'Succeeded') && isTrue(status, 'Failed')) {
    fault('Both success and failed conditions cannot be true at the same time')
  }
  if (isTrue(before, 'Succeeded') && !isTrue(status, 'Succeeded')) {
    fault('Success condition cannot be set to false once it is true')
  }
  if (isTrue(before, 'Failed') && !isTrue(status, 'Failed')) {
    fault('Failed condition cannot be set to false once it is true')
  }
  return errors
}

function isTrue({ conditions = [] }: NonNullable<StorageVersionMigration['status']>, type: string): boolean {
  return conditions.find((condition) => condition.type === type)?.status === 'True'
}
