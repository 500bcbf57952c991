import { defineKind } from '../../define-kind.ts'
import type { CSIStorageCapacity } from '../../types.generated.ts'

export const csiStorageCapacities = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
})
