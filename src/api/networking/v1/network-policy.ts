import { defineKind } from '../../define-kind.ts'
import type { NetworkPolicy } from '../../types.generated.ts'

export const networkPolicies = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
})
