import { ageColumn, column } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { StorageClass } from '../../types.generated.ts'
import { storageClassWarnings, validateStorageClass, validateStorageClassUpdate } from './storage-class-validation.ts'

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export function isDefaultStorageClass({ metadata }: StorageClass): boolean {
  return defaultAnnotations.some((annotation) => metadata.annotations?.[annotation] === 'true')
}

export const storageClasses = defineKind<StorageClass>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' },
  {
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    setDefaults(draft) {
      draft.reclaimPolicy ??= 'Delete'
      draft.volumeBindingMode ??= 'Immediate'
    },
    validate: validateStorageClass,
    validateUpdate: validateStorageClassUpdate,
    warnings: storageClassWarnings,
    columns: [
      column(
        'Name',
        'string',
        (storageClass) =>
          isDefaultStorageClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name,
        { format: 'name' },
      ),
      column('Provisioner', 'string', ({ provisioner }) => provisioner),
      column('ReclaimPolicy', 'string', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
      column('VolumeBindingMode', 'string', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
      column('AllowVolumeExpansion', 'string', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
      ageColumn,
    ],
  },
)
