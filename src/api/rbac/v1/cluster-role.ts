import { defineKind } from '../../define-kind.ts'
import type { ClusterRole } from '../../types.generated.ts'

export const clusterRoles = defineKind<ClusterRole>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
  { nameRule: 'pathSegment', allowCreateOnUpdate: true, allowUnconditionalUpdate: true },
)
