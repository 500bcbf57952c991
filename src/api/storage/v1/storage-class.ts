import { defineKind } from '../../define-kind.ts'
import type { StorageClass } from '../../types.generated.ts'

export const storageClasses = defineKind<StorageClass>({ group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' })
