import { defineKind } from '../../define-kind.ts'
import type { ReplicaSet } from '../../types.generated.ts'

export const replicaSets = defineKind<ReplicaSet>({ group: 'apps', version: 'v1', kind: 'ReplicaSet' })
