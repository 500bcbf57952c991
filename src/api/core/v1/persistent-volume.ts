import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatTime } from '../../../machinery/clock.ts'
import type { PersistentVolume } from '../../types.generated.ts'
import {
  persistentVolumeWarnings,
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from './persistent-volume/validation.ts'
import { accessModesCell, storageClassOf } from './storage-columns.ts'

export const persistentVolumes = defineKind<PersistentVolume>(
  { group: '', version: 'v1', kind: 'PersistentVolume' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    setDefaults(draft) {
      if (draft.status) draft.status.phase ||= 'Pending'
      draft.spec!.persistentVolumeReclaimPolicy ||= 'Retain'
      draft.spec!.volumeMode ??= 'Filesystem'
    },
    prepareForCreate(draft, { now }) {
      draft.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) }
    },
    validate: validatePersistentVolume,
    validateUpdate: validatePersistentVolumeUpdate,
    warnings: persistentVolumeWarnings,
    columns: [
      nameColumn,
      column('Capacity', 'string', ({ spec }) => spec?.capacity?.storage ?? '0'),
      column('Access Modes', 'string', ({ spec }) => accessModesCell(spec?.accessModes)),
      column('Reclaim Policy', 'string', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
      column('Status', 'string', ({ metadata, status }) =>
        metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      ),
      column('Claim', 'string', ({ spec }) =>
        spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
      ),
      column('StorageClass', 'string', (volume) => storageClassOf(volume)),
      column('VolumeAttributesClass', 'string', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
      column('Reason', 'string', ({ status }) => status?.reason ?? ''),
      ageColumn,
      column('VolumeMode', 'string', ({ spec }) => spec?.volumeMode ?? '<unset>', { wide: true }),
    ],
    subresources: {
      status: {
        prepareForUpdate(draft, old, { now }) {
          const status = (draft.status ??= {})
          const before = old.status ?? {}
          const { lastPhaseTransitionTime: time } = status
          if (before.phase === status.phase) {
            if (!time && before.lastPhaseTransitionTime) status.lastPhaseTransitionTime = before.lastPhaseTransitionTime
          } else if (!time || time === before.lastPhaseTransitionTime) status.lastPhaseTransitionTime = formatTime(now)
        },
      },
    },
  },
)
