import type { CertificateSigningRequest } from '../../../api/types.generated.ts'
import { isFor, objectOf, refusal } from '../attributes.ts'
import { parseRequestOf } from '../../../api/certificates/certificate-request.ts'
import type { AdmissionPlugin } from '../plugin.ts'

const clientSigner = 'kubernetes.io/kube-apiserver-client'

/** No certificate makes a member of system:masters (plugin/pkg/admission/certificates/subjectrestriction). */
export function createCertificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    handles: (operation) => operation === 'CREATE',
    validate(attributes) {
      if (!isFor(attributes, 'certificatesigningrequests', 'certificates.k8s.io')) return
      const { spec } = objectOf<CertificateSigningRequest>(attributes)
      if (spec.signerName !== clientSigner) return
      let organizations: readonly string[]
      try {
        organizations = parseRequestOf(spec.request).subject.organizations ?? []
      } catch (error) {
        throw refusal(attributes, `failed to parse CSR: ${(error as Error).message}`)
      }
      if (!organizations.includes('system:masters')) return
      throw refusal(attributes, `use of ${clientSigner} signer with system:masters group is not allowed`)
    },
  }
}
