import { ipAddresses } from '../../api/networking/v1/ip-address.ts'
import { serviceCidrs } from '../../api/networking/v1/service-cidr.ts'
import type { IPAddress, ServiceCIDR } from '../../api/types.generated.ts'
import { parseIp } from '../../machinery/ip.ts'
import { defineController, watching } from '../runtime/define-controller.ts'
import { cidrsOf, givesOut, isOurs, overlap, reconcile } from './reconcile.ts'

/** ServiceCIDR: makes ranges ready for services, and lets them go when no service needs them. */
export const serviceCidrController = defineController<ServiceCIDR>({
  name: 'service-cidrs-controller',
  eventSource: 'service-cidr-controller',
  for: serviceCidrs,
  watches: [
    watching<ServiceCIDR>({
      ref: serviceCidrs,
      // A range that comes may let another one go, one that goes may keep it.
      keys: ({ type, object }, view) =>
        type === 'updated'
          ? []
          : view(serviceCidrs)
              .list()
              .filter((other) => cidrsOf(other).some((a) => cidrsOf(object).some((b) => overlap(a, b))))
              .map(({ metadata }) => metadata.name ?? ''),
    }),
    watching<IPAddress>({
      ref: ipAddresses,
      keys: ({ type, object }, view) => {
        const ip = parseIp(object.metadata.name ?? '')
        if (type === 'updated' || ip === undefined || !isOurs(object)) return []
        return view(serviceCidrs)
          .list()
          .filter((range) => range.metadata.deletionTimestamp !== undefined)
          .filter((range) => cidrsOf(range).some((cidr) => givesOut(cidr, ip)))
          .map(({ metadata }) => metadata.name ?? '')
      },
    }),
  ],
  reconcile,
})
