import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { PersistentVolumeClaim } from '../../types.generated.ts'
import { normalizeDataSources } from './persistent-volume-claim/data-source.ts'
import { validateClaim, validateClaimStatus, validateClaimUpdate } from './persistent-volume-claim/validation.ts'
import { claimSpecWarnings } from './persistent-volume-claim/warnings.ts'
import { accessModesCell, storageClassOf } from './storage-columns.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolumeClaims = defineKind<PersistentVolumeClaim>(
  { group: '', version: 'v1', kind: 'PersistentVolumeClaim' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    setDefaults(draft) {
      if (draft.status) draft.status.phase ||= 'Pending'
    },
    prepareForCreate(draft) {
      draft.status = { phase: 'Pending' }
      normalizeDataSources(draft.spec!)
    },
    prepareForUpdate(draft, old) {
      normalizeDataSources(draft.spec!, old.spec)
    },
    validate: validateClaim,
    validateUpdate: validateClaimUpdate,
    subresources: { status: { validateUpdate: validateClaimStatus } },
    warnings: ({ metadata, spec }) => [
      ...(metadata.annotations?.[classAnnotation] === undefined
        ? []
        : [
            `metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
          ]),
      ...claimSpecWarnings(spec!, 'spec'),
    ],
    columns: [
      nameColumn,
      column('Status', 'string', ({ metadata, status }) =>
        metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      ),
      column('Volume', 'string', ({ spec }) => spec?.volumeName ?? ''),
      column('Capacity', 'string', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '0') : '')),
      column('Access Modes', 'string', ({ spec, status }) =>
        spec?.volumeName ? accessModesCell(status?.accessModes) : '',
      ),
      column('StorageClass', 'string', (claim) => storageClassOf(claim)),
      column('VolumeAttributesClass', 'string', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
      ageColumn,
      column('VolumeMode', 'string', ({ spec }) => spec?.volumeMode ?? '<unset>', { wide: true }),
    ],
  },
)
