import { contains, mustParseCidr, mustParseIp } from '../../machinery/ip.ts'
import { addressOf, type CategorizedEndpoints, type Endpoint } from '../endpoints.ts'
import { isExternallyAccessible, type ServicePort, usesClusterEndpoints, usesLocalEndpoints } from '../service-port.ts'

/** The bit of the packet mark that says: masquerade (kube-proxy's --masquerade-bit 14). */
export const masqueradeMark = '0x4000'

/** The sets and maps that services put elements into; their rules are in table.ts. */
export type ElementSet =
  | 'cluster-ips'
  | 'service-ips'
  | 'service-nodeports'
  | 'no-endpoint-services'
  | 'no-endpoint-nodeports'
  | 'firewall-ips'
  | 'hairpin-connections'

/** An element of a set, or of a map when it has a value; in nft's notation: `10.96.0.1 . tcp . 443`. */
export interface Element {
  readonly set: ElementSet
  readonly key: string
  readonly value?: string
}

/** What one service port adds to the table. */
export interface Fragment {
  /** Chain → its rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>
  /** Set of clients that stick to an endpoint → for how many seconds. */
  readonly affinitySets: ReadonlyMap<string, number>
  readonly elements: readonly Element[]
}

export interface FragmentContext {
  readonly family: 4 | 6
  /** Ranges of pods in this family: traffic from there counts as the cluster's own. */
  readonly podCidrs: readonly string[]
  /** This node's addresses. */
  readonly nodeIps: readonly string[]
}

const markForMasquerade = `mark set mark or ${masqueradeMark}`

/** The rules of a service port (upstream pkg/proxy/nftables/proxier.go syncProxyRules). */
export function fragmentOf(port: ServicePort, endpoints: CategorizedEndpoints, context: FragmentContext): Fragment {
  const ip = context.family === 6 ? 'ip6' : 'ip'
  const base = `${port.namespace}/${port.name}/${port.protocol}/${port.portName}`
  const clusterChain = `cluster/${base}`
  const localChain = `local/${base}`
  const externalChain = `external/${base}`
  const firewallChain = `firewall/${base}`
  const chains = new Map<string, readonly string[]>()
  const affinitySets = new Map<string, number>()
  const elements: Element[] = []

  const sticky = port.affinitySeconds
  const endpointChain = (endpoint: Endpoint) => `endpoint/${base}/${nameOf(endpoint)}`
  const affinitySet = (endpoint: Endpoint) => `affinity/${sticky}/${base}/${nameOf(endpoint)}`
  for (const endpoint of endpoints.reachable) {
    if (endpoint.local) {
      elements.push({
        set: 'hairpin-connections',
        key: `${endpoint.ip} . ${endpoint.ip} . ${port.protocol} . ${endpoint.port}`,
      })
    }
    if (sticky === undefined) continue
    affinitySets.set(affinitySet(endpoint), sticky)
    chains.set(endpointChain(endpoint), [
      `update @${affinitySet(endpoint)} { ${ip} saddr }`,
      `meta l4proto ${port.protocol} dnat to ${addressOf(endpoint)}`,
    ])
  }

  const spread = (to: readonly Endpoint[]): string[] => {
    if (sticky !== undefined) {
      const jumps = to.map((endpoint, i) => `${i} : goto ${endpointChain(endpoint)}`)
      return [
        ...to.map((endpoint) => `${ip} saddr @${affinitySet(endpoint)} goto ${endpointChain(endpoint)}`),
        `numgen random mod ${to.length} vmap { ${jumps.join(', ')} }`,
      ]
    }
    if (to.length === 1) return [`meta l4proto ${port.protocol} dnat to ${addressOf(to[0]!)}`]
    const targets = to.map((endpoint, i) => `${i} : ${endpoint.ip} . ${endpoint.port}`)
    return [
      `meta l4proto ${port.protocol} dnat ${ip} addr . port to numgen random mod ${to.length} map { ${targets.join(', ')} }`,
    ]
  }
  const usesCluster = endpoints.cluster.length > 0 && usesClusterEndpoints(port)
  const usesLocal = endpoints.local.length > 0 && usesLocalEndpoints(port)
  if (usesCluster) chains.set(clusterChain, spread(endpoints.cluster))
  if (usesLocal) chains.set(localChain, spread(endpoints.local))

  const { any } = endpoints
  const hasInternal = any && (!port.internalLocal || endpoints.local.length > 0)
  const hasExternal = any && (!port.externalLocal || endpoints.local.length > 0)
  // No endpoint anywhere: refuse. None here under a Local policy: drop, so that a load balancer looks elsewhere.
  const refusal = any ? 'drop' : 'goto reject-chain'

  if (any && isExternallyAccessible(port)) {
    const rules: string[] = []
    if (!port.externalLocal) rules.push(markForMasquerade)
    else {
      // What starts in the cluster is not external: it is bound by no policy, as if it went out and came back.
      if (usesCluster) {
        rules.push(...context.podCidrs.map((cidr) => `${ip} saddr ${cidr} goto ${clusterChain}`))
        rules.push(`fib saddr type local ${markForMasquerade}`, `fib saddr type local goto ${clusterChain}`)
      }
    }
    if (hasExternal) rules.push(`goto ${port.externalLocal ? localChain : clusterChain}`)
    chains.set(externalChain, rules)
  }

  const at = (address: string) => `${address} . ${port.protocol} . ${port.port}`
  elements.push({ set: 'cluster-ips', key: port.clusterIp })
  elements.push(
    hasInternal
      ? { set: 'service-ips', key: at(port.clusterIp), value: `goto ${port.internalLocal ? localChain : clusterChain}` }
      : { set: 'no-endpoint-services', key: at(port.clusterIp), value: refusal },
  )
  const firewalled = port.sourceRanges.length > 0 && port.loadBalancerIps.length > 0
  if (firewalled) chains.set(firewallChain, [`${ip} saddr != { ${allowedSources(port, context).join(', ')} } drop`])
  for (const address of [...port.externalIps, ...port.loadBalancerIps]) {
    if (any) elements.push({ set: 'service-ips', key: at(address), value: `goto ${externalChain}` })
    if (!hasExternal) elements.push({ set: 'no-endpoint-services', key: at(address), value: refusal })
  }
  if (firewalled) {
    for (const address of port.loadBalancerIps) {
      elements.push({ set: 'firewall-ips', key: at(address), value: `goto ${firewallChain}` })
    }
  }
  if (port.nodePort !== 0) {
    const key = `${port.protocol} . ${port.nodePort}`
    if (any) elements.push({ set: 'service-nodeports', key, value: `goto ${externalChain}` })
    if (!hasExternal) elements.push({ set: 'no-endpoint-nodeports', key, value: refusal })
  }
  return { chains, affinitySets, elements }
}

/** A request of an allowed node to the balancer's address may come back with that address as its source. */
function allowedSources(port: ServicePort, context: FragmentContext): readonly string[] {
  const fromNode = port.sourceRanges.some((range) =>
    context.nodeIps.some((address) => contains(mustParseCidr(range), mustParseIp(address))),
  )
  return distinctRanges(fromNode ? [...port.sourceRanges, ...port.loadBalancerIps] : port.sourceRanges)
}

/** Without those that lie in another one: nft refuses sets whose ranges overlap. Addresses may stand for ranges. */
export function distinctRanges(texts: readonly string[]): string[] {
  const ranges = [...new Set(texts)].map((text) => ({
    text,
    range: mustParseCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`),
  }))
  return ranges
    .filter(
      ({ range }, i) =>
        !ranges.some(
          (other, j) =>
            contains(other.range, range) &&
            (other.range.prefix < range.prefix || (other.range.prefix === range.prefix && j < i)),
        ),
    )
    .map(({ text }) => text)
}

/** An address in a name of nft: letters, digits, dots, slashes. */
function nameOf({ ip, port }: Endpoint): string {
  return `${ip.replaceAll(':', '.')}/${port}`
}
