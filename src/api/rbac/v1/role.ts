import { defineKind } from '../../define-kind.ts'
import type { Role } from '../../types.generated.ts'
import { validateRules } from './validation.ts'

export const roles = defineKind<Role>(
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
  {
    nameRule: 'pathSegment',
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    validate: ({ rules }) => validateRules(rules, true),
    validateUpdate: ({ rules }) => validateRules(rules, true),
  },
)
