import { defineKind } from '../../define-kind.ts'
import type { RoleBinding } from '../../types.generated.ts'

export const roleBindings = defineKind<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
})
