import { defineKind } from '../../define-kind.ts'
import type { ResourceSlice } from '../../types.generated.ts'

export const resourceSlices = defineKind<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
})
