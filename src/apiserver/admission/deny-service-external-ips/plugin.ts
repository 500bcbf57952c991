import type { Service } from '../../../api/types.generated.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

/**
 * Refuses new external IPs, by which anyone who may make a Service would take other people's traffic (CVE-2020-8554;
 * plugin/pkg/admission/network/denyserviceexternalips). Off by default upstream, on here.
 */
export function createDenyServiceExternalIps(): AdmissionPlugin {
  return {
    name: 'DenyServiceExternalIPs',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      if (!isFor(attributes, 'services')) return
      const known = oldObjectOf<Service>(attributes)?.spec?.externalIPs ?? []
      const wanted = objectOf<Service>(attributes).spec?.externalIPs ?? []
      if (wanted.every((address) => known.includes(address))) return
      throw refusal(attributes, 'Use of external IPs is denied by admission control')
    },
  }
}
