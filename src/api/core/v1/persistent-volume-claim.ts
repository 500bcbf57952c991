import { defineKind } from '../../define-kind.ts'
import type { PersistentVolumeClaim } from '../../types.generated.ts'

export const persistentVolumeClaims = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
})
