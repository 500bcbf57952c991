import type { Service, ServicePort as ServicePortOfApi } from '../api/types.generated.ts'
import { formatCidr, formatIp, mustParseCidr, parseCidr, parseIp } from '../machinery/ip.ts'

export type Family = 4 | 6
export type Protocol = 'tcp' | 'udp' | 'sctp'

/** One port of a service in one address family: all that the rules are made of (upstream pkg/proxy/serviceport.go). */
export interface ServicePort {
  readonly namespace: string
  readonly name: string
  /** '' for the only port of a service. */
  readonly portName: string
  readonly protocol: Protocol
  readonly clusterIp: string
  readonly port: number
  /** 0: none. */
  readonly nodePort: number
  readonly externalIps: readonly string[]
  readonly loadBalancerIps: readonly string[]
  /** Who may use the load balancer's addresses; empty: everyone. */
  readonly sourceRanges: readonly string[]
  /** Session affinity by client address lasts so long; undefined: none. */
  readonly affinitySeconds?: number
  readonly internalLocal: boolean
  readonly externalLocal: boolean
}

/** `namespace/name`. */
export function serviceKey(service: {
  readonly metadata: { readonly namespace?: string; readonly name?: string }
}): string {
  return `${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}`
}

/** Whether traffic can come in by anything but the cluster IP. */
export function isExternallyAccessible(port: ServicePort): boolean {
  return port.nodePort !== 0 || port.loadBalancerIps.length > 0 || port.externalIps.length > 0
}

/** Cluster endpoints matter also under externalTrafficPolicy Local, for traffic that starts on the node. */
export function usesClusterEndpoints(port: ServicePort): boolean {
  return !port.internalLocal || isExternallyAccessible(port)
}

export function usesLocalEndpoints(port: ServicePort): boolean {
  return port.internalLocal || (port.externalLocal && isExternallyAccessible(port))
}

/**
 * Whether a proxy has nothing to do with it: headless, without address, ExternalName, or another proxy's
 * (pkg/proxy/util ShouldSkipService; the label selectors of cmd/kube-proxy).
 */
export function isSkipped({ metadata, spec }: Service): boolean {
  return (
    !spec?.clusterIP ||
    spec.clusterIP === 'None' ||
    spec.type === 'ExternalName' ||
    metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined
  )
}

export interface ServicePortOptions {
  /** externalIPs let whoever creates a service take over an address (CVE-2020-8554). */
  readonly externalIps: boolean
  /** Off the nodes, e.g. on the host of the machines, no endpoint is local, so Local policies count as Cluster. */
  readonly trafficPolicies: boolean
}

/** The ports of a service that has an address of this family. */
export function servicePorts(service: Service, family: Family, options: ServicePortOptions): ServicePort[] {
  if (isSkipped(service)) return []
  const { spec, status, metadata } = service
  const ofFamily = (texts: readonly string[] | undefined) =>
    (texts ?? []).flatMap((text) => {
      const ip = parseIp(text)
      return ip?.family === family ? [formatIp(ip)] : []
    })
  const clusterIp = ofFamily(spec.clusterIPs ?? [spec.clusterIP ?? ''])[0]
  if (clusterIp === undefined) return []

  const ranges = (spec.loadBalancerSourceRanges ?? []).flatMap((text) => {
    const cidr = parseCidr(text.trim())
    return cidr?.family === family ? [formatCidr(cidr)] : []
  })
  // An ingress in Proxy mode is somebody else's to serve.
  const ingress = (status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode === undefined || ipMode === 'VIP')
  const common = {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    clusterIp,
    externalIps: options.externalIps ? ofFamily(spec.externalIPs) : [],
    loadBalancerIps: ofFamily(ingress.map(({ ip }) => ip ?? '')),
    // "Everybody" among the ranges is the same as none.
    sourceRanges: ranges.some((range) => mustParseCidr(range).prefix === 0) ? [] : ranges,
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : undefined,
    internalLocal: options.trafficPolicies && spec.internalTrafficPolicy === 'Local',
    externalLocal: options.trafficPolicies && isExternalPolicyLocal(service),
  }
  return (spec.ports ?? []).map((port: ServicePortOfApi) => ({
    ...common,
    portName: port.name ?? '',
    protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
    port: port.port,
    nodePort: port.nodePort ?? 0,
  }))
}

/** pkg/api/v1/service ExternalPolicyLocal: only where the service can be reached from outside at all. */
function isExternalPolicyLocal({ spec }: Service): boolean {
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0
  return external && spec.externalTrafficPolicy === 'Local'
}

/** The port at which a load balancer asks whether this node has endpoints; 0: none (NeedsHealthCheck). */
export function healthCheckNodePort(service: Service): number {
  const needed = service.spec.type === 'LoadBalancer' && isExternalPolicyLocal(service) && !isSkipped(service)
  return needed ? (service.spec.healthCheckNodePort ?? 0) : 0
}
