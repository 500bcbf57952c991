import { familyOf, formatCidr, parseCidr } from '../machinery/ip.ts'

/** What of a Node decides its routes (core/v1 Node). */
export interface RoutedNode {
  readonly metadata: { readonly name?: string }
  readonly spec?: { readonly podCIDR?: string; readonly podCIDRs?: readonly string[] }
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] }
}

export interface Route {
  readonly cidr: string
  readonly via: string
}

/** A node's pod ranges; the singular field is that of old servers. */
export function podCidrsOf(node: RoutedNode): readonly string[] {
  return node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])
}

/** The ways to the pods of all nodes but `self` ('' for the host, which is no node); in a stable order. */
export function routesTo(nodes: readonly RoutedNode[], self: string): Route[] {
  return nodes
    .filter((node) => node.metadata.name !== self)
    .flatMap((node) => {
      const addresses = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP')
      return podCidrsOf(node).flatMap((text) => {
        const range = parseCidr(text)
        const hop = addresses.find(({ address }) => familyOf(address) === range?.family)
        return range === undefined || hop === undefined ? [] : [{ cidr: formatCidr(range), via: hop.address }]
      })
    })
    .sort((a, b) => (a.cidr < b.cidr ? -1 : a.cidr > b.cidr ? 1 : 0))
}

/** Our mark on routes (rtnetlink(7) rtm_protocol), by which stale ones are known after a restart. */
export const routeProtocol = 83

/** The routes in the output of `ip -j route show proto 83 dev LINK`. */
export function parseRoutes(json: string): Route[] {
  const routes: { dst?: string; gateway?: string }[] = json.trim() === '' ? [] : JSON.parse(json)
  return routes.flatMap(({ dst = '', gateway }) => {
    // A route to one address is shown without its prefix.
    const cidr = dst.includes('/') ? dst : `${dst}/${familyOf(dst) === 6 ? 128 : 32}`
    return gateway === undefined ? [] : [{ cidr, via: gateway }]
  })
}

/** The input of `ip -batch -` that turns what is there into what is wanted; '' when nothing is to be done. */
export function routeBatch(present: readonly Route[], wanted: readonly Route[], link: string): string {
  const same = (a: Route) => (b: Route) => a.cidr === b.cidr && a.via === b.via
  const stale = present.filter((route) => !wanted.some(({ cidr }) => cidr === route.cidr))
  const missing = wanted.filter((route) => !present.some(same(route)))
  return [
    ...stale.map(({ cidr, via }) => `route delete ${cidr} via ${via} dev ${link} proto ${routeProtocol}\n`),
    ...missing.map(({ cidr, via }) => `route replace ${cidr} via ${via} dev ${link} proto ${routeProtocol}\n`),
  ].join('')
}
