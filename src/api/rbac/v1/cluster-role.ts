import { defineKind } from '../../define-kind.ts'
import type { ClusterRole } from '../../types.generated.ts'
import { validateAggregation, validateRules } from './validation.ts'

export const clusterRoles = defineKind<ClusterRole>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validate: (role) => [...validateRules(role.rules, false), ...validateAggregation(role)],
    validateUpdate: (role, old) => [...validateRules(role.rules, false), ...validateAggregation(role, old)],
  },
)
