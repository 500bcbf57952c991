import { defineKind } from '../../define-kind.ts'
import type { PersistentVolume } from '../../types.generated.ts'

export const persistentVolumes = defineKind<PersistentVolume>({ group: '', version: 'v1', kind: 'PersistentVolume' })
