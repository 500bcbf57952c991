import type { CertificateSigningRequest } from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { mayUseSigner } from '../signer-authorization.ts'

/** Who writes a certificate or a verdict into a request needs leave for its signer (plugin/pkg/admission/certificates/signing). */
export function createCertificateSigning({ authorizer }: Pick<AdmissionServices, 'authorizer'>): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    handles: (operation) => operation === 'UPDATE',
    async validate(attributes) {
      if (!isFor(attributes, 'certificatesigningrequests', 'certificates.k8s.io', 'status')) return
      const { status } = objectOf<CertificateSigningRequest>(attributes)
      const old = oldObjectOf<CertificateSigningRequest>(attributes)
      const unchanged =
        (status?.certificate ?? '') === (old?.status?.certificate ?? '') &&
        jsonEqual(status?.conditions ?? [], old?.status?.conditions ?? [])
      if (unchanged) return
      const signerName = old?.spec.signerName ?? ''
      if (await mayUseSigner(authorizer, attributes.user, 'sign', signerName)) return
      throw refusal(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`)
    },
  }
}
