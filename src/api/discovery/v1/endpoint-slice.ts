import { defineKind } from '../../define-kind.ts'
import type { EndpointSlice } from '../../types.generated.ts'

export const endpointSlices = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
})
