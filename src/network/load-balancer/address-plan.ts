import type { LoadBalancerIngress, Service } from '../../api/types.generated.ts'
import { type Cidr, contains, formatIp, mustParseCidr, nthAddress, parseIp, sizeOf } from '../../machinery/ip.ts'

/** What to do about a service. */
export type AddressPlan =
  | { readonly kind: 'nothing' }
  /** The new ingress list of its status; empty: take its addresses away. */
  | { readonly kind: 'set'; readonly ingress: readonly LoadBalancerIngress[] }
  | { readonly kind: 'exhausted'; readonly why: string }

/** Whether the service wants a load balancer of this cluster's own kind: none of a class, so not somebody else's. */
export function wantsAddress({ spec, metadata }: Service): boolean {
  return (
    spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && metadata.deletionTimestamp === undefined
  )
}

export function ingressOf(service: Service): readonly LoadBalancerIngress[] {
  return service.status?.loadBalancer?.ingress ?? []
}

/** Addresses of a service that lie in our ranges. What others wrote into its status is theirs. */
export function ownAddresses(service: Service, ranges: readonly string[]): string[] {
  const cidrs = ranges.map(mustParseCidr)
  return ingressOf(service).flatMap(({ ip = '' }) => {
    const parsed = parseIp(ip)
    return parsed !== undefined && cidrs.some((cidr) => contains(cidr, parsed)) ? [formatIp(parsed)] : []
  })
}

/**
 * Gives a service one address of each of its families for which there is a range: the one that it asks for
 * (spec.loadBalancerIP) if that is free, else the lowest free one. `isTaken`: another service has it.
 */
export function planAddress(
  service: Service,
  ranges: readonly string[],
  isTaken: (address: string) => boolean,
): AddressPlan {
  const present = ingressOf(service)
  const own = ownAddresses(service, ranges)
  if (!wantsAddress(service)) return own.length > 0 ? { kind: 'set', ingress: [] } : { kind: 'nothing' }
  if (present.length > own.length) return { kind: 'nothing' }
  const families = service.spec.ipFamilies ?? ['IPv4']
  const cidrs = ranges.map(mustParseCidr).filter(({ family }) => families.includes(`IPv${family}`))
  const wish = parseIp(service.spec.loadBalancerIP ?? '')
  const addresses: string[] = []
  for (const cidr of cidrs) {
    const wished = wish !== undefined && contains(cidr, wish) ? formatIp(wish) : undefined
    const kept = own.find((address) => contains(cidr, parseIp(address)!) && !isTaken(address))
    const chosen =
      wished !== undefined && !isTaken(wished) ? wished : (kept ?? lowestFree(cidr, (address) => isTaken(address)))
    if (chosen === undefined) return { kind: 'exhausted', why: 'no address is left in the range for load balancers' }
    addresses.push(chosen)
  }
  if (addresses.length === 0) return { kind: 'exhausted', why: 'no range for load balancers has the IP family' }
  if (addresses.join() === own.join()) return { kind: 'nothing' }
  return { kind: 'set', ingress: addresses.map((ip) => ({ ip, ipMode: 'VIP' })) }
}

/** A range's first and last address name the network and everybody in it, unless it is a very small range. */
function lowestFree(cidr: Cidr, isTaken: (address: string) => boolean): string | undefined {
  const size = sizeOf(cidr)
  const margin = size > 2n ? 1n : 0n
  const most = size - margin < 65_536n ? size - margin : 65_536n
  for (let n = margin; n < most; n++) {
    const address = formatIp(nthAddress(cidr, n))
    if (!isTaken(address)) return address
  }
  return undefined
}
