import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice, Node, Pod, Service } from '../../api/types.generated.ts'
import { isIpv6Text } from '../../machinery/ip.ts'
import {
  belongsInEndpoints,
  isHeadless,
  podAddresses,
  publishedHostname,
  targetPortOf,
} from '../endpoints/pod-endpoints.ts'
import { isPodReady } from '../pods/pod-state.ts'
import { canonicalJson } from '../pods/template-hash.ts'

export type AddressType = 'IPv4' | 'IPv6'

export interface PortGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[]
  /** By identity: addresses, hostname and pod. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

/** The families in which a service is reached (utils.go getAddressTypesForService). */
export function addressTypesOf({ spec }: Service): AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family !== '')
  if (families.length > 0) return [...new Set(families)]
  if (spec.clusterIP && spec.clusterIP !== 'None') return [isIpv6Text(spec.clusterIP) ? 'IPv6' : 'IPv4']
  return ['IPv4', 'IPv6']
}

/**
 * The endpoints that a service should have in one family, by the set of ports that they offer: a named target port may
 * be another number in each pod.
 */
export function desiredGroups(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
  addressType: AddressType,
): Map<string, PortGroup> {
  const groups = new Map<string, { ports: DiscoveryV1EndpointPort[]; endpoints: Map<string, Endpoint> }>()
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, true)) continue
    const ports = portsOf(service, pod)
    const key = portsKey(ports)
    let group = groups.get(key)
    if (group === undefined) groups.set(key, (group = { ports, endpoints: new Map() }))
    const node = nodeOf(pod.spec.nodeName ?? '')
    // A pod that refers to a node that is gone is of no use, unless the user wants every pod published.
    if (node === undefined && !service.spec.publishNotReadyAddresses) continue
    const endpoint = endpointOf(service, pod, node, addressType)
    if (endpoint.addresses.length > 0) group.endpoints.set(endpointKey(endpoint), endpoint)
  }
  return groups
}

function endpointOf(service: Service, pod: Pod, node: Node | undefined, addressType: AddressType): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const { namespace, name, uid } = pod.metadata
  return {
    addresses: podAddresses(pod, addressType),
    conditions: {
      // Never ready while being deleted, for readers that know no other condition.
      ready: Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating),
      serving,
      terminating,
    },
    hostname: publishedHostname(pod, service),
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName: pod.spec.nodeName || undefined,
    zone: node?.metadata.labels?.['topology.kubernetes.io/zone'] || undefined,
  }
}

function portsOf(service: Service, pod: Pod): DiscoveryV1EndpointPort[] {
  const found: DiscoveryV1EndpointPort[] = []
  for (const servicePort of service.spec.ports ?? []) {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) continue
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    found.push({ name, port, protocol, appProtocol })
  }
  return found
}

/** The same for the same ports in any order. */
export function portsKey(ports: readonly DiscoveryV1EndpointPort[] | null | undefined): string {
  return (ports ?? [])
    .map(({ name = '', port, protocol = 'TCP', appProtocol }) => canonicalJson({ name, port, protocol, appProtocol }))
    .sort()
    .join()
}

/** What makes an endpoint the same one, whatever its conditions. */
export function endpointKey({ addresses, hostname = '', targetRef }: Endpoint): string {
  return JSON.stringify([[...addresses].sort(), hostname, targetRef?.namespace ?? '', targetRef?.name ?? ''])
}

/** Nothing that readers see differs (EndpointsEqualBeyondHash). Hints are looked at apart. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.targetRef?.uid === b.targetRef?.uid &&
    a.targetRef?.name === b.targetRef?.name &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.namespace === b.targetRef?.namespace
  )
}

const reserved: ReadonlySet<string> = new Set([
  'kubernetes.io/service-name',
  'endpointslice.kubernetes.io/managed-by',
  'service.kubernetes.io/headless',
])

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const sliceManager = 'endpointslice-controller.k8s.io'

/** The labels of a service's slices: the service's, and what they are found by. */
export function sliceLabels(service: Service): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [key, value] of Object.entries(service.metadata.labels ?? {})) if (!reserved.has(key)) labels[key] = value
  if (isHeadless(service)) labels['service.kubernetes.io/headless'] = ''
  labels[serviceNameLabel] = service.metadata.name ?? ''
  labels[managedByLabel] = sliceManager
  return labels
}

/** Whether the slice's own labels, without the reserved ones, are those of the service. */
export function labelsDiffer(slice: EndpointSlice, service: Service): boolean {
  const own = (labels: Readonly<Record<string, string>> = {}) =>
    canonicalJson(Object.fromEntries(Object.entries(labels).filter(([key]) => !reserved.has(key))))
  return own(slice.metadata.labels) !== own(service.metadata.labels)
}
