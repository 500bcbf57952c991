import { defineKind } from '../../define-kind.ts'
import type { PodCertificateRequest } from '../../types.generated.ts'

export const podCertificateRequests = defineKind<PodCertificateRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'PodCertificateRequest',
})
