import { defineKind } from '../../define-kind.ts'
import type { CSIStorageCapacity } from '../../types.generated.ts'
import {
  storageCapacityWarnings,
  validateStorageCapacity,
  validateStorageCapacityUpdate,
} from './csi-storage-capacity-validation.ts'

export const csiStorageCapacities = defineKind<CSIStorageCapacity>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity' },
  {
    validate: (capacity) => validateStorageCapacity(capacity),
    validateUpdate: validateStorageCapacityUpdate,
    warnings: storageCapacityWarnings,
  },
)
