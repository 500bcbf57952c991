import { defineKind } from '../../define-kind.ts'
import type { StorageVersionMigration } from '../../types.generated.ts'

export const storageVersionMigrations = defineKind<StorageVersionMigration>({
  group: 'storagemigration.k8s.io',
  version: 'v1',
  kind: 'StorageVersionMigration',
})
