import { defineKind } from '../../define-kind.ts'
import type { IngressClass } from '../../types.generated.ts'

export const ingressClasses = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
})
