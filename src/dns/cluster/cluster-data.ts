/** What the records of a cluster are made of. All lookups are by index. */
export interface ClusterData {
  /** False until the first lists are in: a name that is not found may exist then. */
  readonly synced: boolean
  service(namespace: string, name: string): DnsService | undefined
  /** Ready endpoints of a service. */
  endpoints(namespace: string, name: string): readonly DnsEndpoint[]
  serviceByIp(ip: string): DnsService | undefined
  endpointsByIp(ip: string): readonly DnsEndpoint[]
}

export interface DnsService {
  readonly namespace: string
  readonly name: string
  /** Names an external host; no other member counts then. */
  readonly externalName?: string
  readonly headless: boolean
  readonly clusterIps: readonly string[]
  readonly ports: readonly DnsPort[]
}

export interface DnsEndpoint {
  readonly namespace: string
  readonly service: string
  readonly ip: string
  /** The pod's hostname, or what the address makes: `10-244-1-5`. */
  readonly hostname: string
  readonly ports: readonly DnsPort[]
}

export interface DnsPort {
  readonly name: string
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string
  /** -1: a service without ports. */
  readonly port: number
}

/** The name that an address makes when an endpoint has no hostname (CoreDNS plugin/kubernetes endpointHostname). */
export function dashedAddress(ip: string): string {
  const dashed = ip.replaceAll(/[.:]/g, '-')
  return dashed.endsWith('-') ? `${dashed}0` : dashed
}
