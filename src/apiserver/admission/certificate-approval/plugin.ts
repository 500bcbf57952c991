import type { CertificateSigningRequest } from '../../../api/types.generated.ts'
import { isFor, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { mayUseSigner } from '../signer-authorization.ts'

/** Who approves a request needs leave for its signer (plugin/pkg/admission/certificates/approval). */
export function createCertificateApproval({ authorizer }: Pick<AdmissionServices, 'authorizer'>): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    handles: (operation) => operation === 'UPDATE',
    async validate(attributes) {
      if (!isFor(attributes, 'certificatesigningrequests', 'certificates.k8s.io', 'approval')) return
      const { signerName = '' } = oldObjectOf<CertificateSigningRequest>(attributes)?.spec ?? {}
      if (await mayUseSigner(authorizer, attributes.user, 'approve', signerName)) return
      throw refusal(attributes, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`)
    },
  }
}
