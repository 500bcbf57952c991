import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { RoleBinding } from '../../types.generated.ts'
import { roleColumn, setBindingDefaults, subjectColumns } from './subjects.ts'

export const roleBindings = defineKind<RoleBinding>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    setDefaults: setBindingDefaults,
    columns: [nameColumn, roleColumn, ageColumn, ...subjectColumns],
  },
)
