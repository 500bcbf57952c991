import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ClusterRoleBinding } from '../../types.generated.ts'
import { validateBinding, validateRoleRefUnchanged } from './validation.ts'
import { roleColumn, setBindingDefaults, subjectColumns } from './subjects.ts'

const roleKinds = ['ClusterRole']

export const clusterRoleBindings = defineKind<ClusterRoleBinding>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    setDefaults: setBindingDefaults,
    validate: (binding) => validateBinding(binding, roleKinds, false),
    validateUpdate: (binding, old) => [
      ...validateBinding(binding, roleKinds, false),
      ...validateRoleRefUnchanged(binding, old),
    ],
    columns: [nameColumn, roleColumn, ageColumn, ...subjectColumns],
  },
)
