import { defineKind } from '../../define-kind.ts'
import type { ReplicationController } from '../../types.generated.ts'

export const replicationControllers = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
})
