import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { CSIStorageCapacity } from '../../types.generated.ts'

export const csiStorageCapacities = defineKind<CSIStorageCapacity>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity' },
  {
    columns: [
      nameColumn,
      column('StorageClassName', 'string', ({ storageClassName }) => storageClassName),
      column('Capacity', 'string', ({ capacity }) => capacity ?? '<unset>'),
    ],
  },
)
