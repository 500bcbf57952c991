import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { qualified } from '../../../machinery/errors.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { StorageVersionMigration } from '../../types.generated.ts'
import { validateMigration, validateMigrationStatus, validateMigrationUpdate } from './validation.ts'

const states = ['Running', 'Failed', 'Succeeded']

export const storageVersionMigrations = defineKind<StorageVersionMigration>(
  { group: 'storagemigration.k8s.io', version: 'v1', kind: 'StorageVersionMigration' },
  {
    featureGate: 'StorageVersionMigrator',
    generation: false,
    columns: [
      { ...nameColumn, format: undefined },
      column('Resource', 'string', ({ spec }) =>
        qualified({ group: spec?.resource?.group ?? '', resource: spec?.resource?.resource ?? '' }),
      ),
      column(
        'Status',
        'string',
        ({ status }) =>
          status?.conditions?.findLast((one) => one.status === 'True' && states.includes(one.type))?.type ?? 'Unknown',
      ),
    ],
    validate: validateMigration,
    validateUpdate: validateMigrationUpdate,
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateMigrationStatus } },
  },
)
