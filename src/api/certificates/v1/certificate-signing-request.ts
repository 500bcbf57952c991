import { defineKind } from '../../define-kind.ts'
import type { CertificateSigningRequest } from '../../types.generated.ts'

export const certificateSigningRequests = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
})
