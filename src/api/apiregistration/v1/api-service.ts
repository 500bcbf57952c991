import { defineKind } from '../../define-kind.ts'
import type { APIService } from '../../types.generated.ts'

export const apiServices = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
})
