import { defineKind } from '../../define-kind.ts'
import type { ClusterTrustBundle } from '../../types.generated.ts'

export const clusterTrustBundles = defineKind<ClusterTrustBundle>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'ClusterTrustBundle',
})
