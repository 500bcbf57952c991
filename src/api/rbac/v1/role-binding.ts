import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { RoleBinding } from '../../types.generated.ts'
import { validateBinding, validateRoleRefUnchanged } from './validation.ts'
import { roleColumn, setBindingDefaults, subjectColumns } from './subjects.ts'

const roleKinds = ['Role', 'ClusterRole']

export const roleBindings = defineKind<RoleBinding>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    setDefaults: setBindingDefaults,
    validate: (binding) => validateBinding(binding, roleKinds, true),
    validateUpdate: (binding, old) => [
      ...validateBinding(binding, roleKinds, true),
      ...validateRoleRefUnchanged(binding, old),
    ],
    columns: [nameColumn, roleColumn, ageColumn, ...subjectColumns],
  },
)
