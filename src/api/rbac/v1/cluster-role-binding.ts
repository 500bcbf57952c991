import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ClusterRoleBinding } from '../../types.generated.ts'
import { roleColumn, setBindingDefaults, subjectColumns } from './subjects.ts'

export const clusterRoleBindings = defineKind<ClusterRoleBinding>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    setDefaults: setBindingDefaults,
    columns: [nameColumn, roleColumn, ageColumn, ...subjectColumns],
  },
)
