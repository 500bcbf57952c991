import type { ClusterTrustBundle } from '../../../api/types.generated.ts'
import { onlyForGarbageCollection } from '../../authorization/rbac/garbage-collection.ts'
import { objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { mayUseSigner } from '../signer-authorization.ts'

/** Who publishes roots of a signer needs leave to attest for it (plugin/pkg/admission/certificates/ctbattest). */
export function createClusterTrustBundleAttest({ authorizer }: Pick<AdmissionServices, 'authorizer'>): AdmissionPlugin {
  return {
    name: 'ClusterTrustBundleAttest',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    async validate(attributes) {
      const { resource, group } = attributes.resource
      if (resource !== 'clustertrustbundles' || group !== 'certificates.k8s.io') return
      const bundle = objectOf<ClusterTrustBundle>(attributes) as ClusterTrustBundle
      const { signerName } = bundle.spec
      if (!signerName) return
      const old = oldObjectOf<ClusterTrustBundle>(attributes)
      if (old !== undefined && onlyForGarbageCollection(bundle, old)) return
      if (await mayUseSigner(authorizer, attributes.user, 'attest', signerName)) return
      throw refusal(attributes, `user not permitted to attest for signerName ${JSON.stringify(signerName)}`)
    },
  }
}
