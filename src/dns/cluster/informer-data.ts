import { services } from '../../api/core/v1/service.ts'
import { endpointSlices } from '../../api/discovery/v1/endpoint-slice.ts'
import type { EndpointSlice, Service } from '../../api/types.generated.ts'
import type { InformerFactory } from '../../client/informer.ts'
import { formatIp, parseIp } from '../../machinery/ip.ts'
import { type ClusterData, dashedAddress, type DnsEndpoint, type DnsPort, type DnsService } from './cluster-data.ts'

function canonical(text: string): string | undefined {
  const ip = parseIp(text)
  return ip && formatIp(ip)
}

export function dnsService({ metadata, spec }: Service): DnsService {
  const ips = (spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])).filter((ip) => ip !== '' && ip !== 'None')
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    externalName: spec.type === 'ExternalName' ? (spec.externalName ?? '') : undefined,
    headless: spec.clusterIP === 'None',
    clusterIps: ips,
    ports: (spec.ports ?? []).map(({ name = '', protocol = 'TCP', port }) => ({
      name,
      protocol: protocol.toLowerCase(),
      port,
    })),
  }
}

const label = 'kubernetes.io/service-name'

/** The ready endpoints of a slice (CoreDNS plugin/kubernetes/object/endpoint.go). */
export function dnsEndpoints({ metadata, addressType, endpoints, ports }: EndpointSlice): DnsEndpoint[] {
  const service = metadata.labels?.[label]
  if (!service || addressType === 'FQDN') return []
  // Go writes empty lists of slices as null.
  const all: readonly DnsPort[] =
    !ports || ports.length === 0
      ? [{ name: '', protocol: '', port: -1 }]
      : ports.map(({ name = '', protocol = '', port = -1 }) => ({ name, protocol: protocol.toLowerCase(), port }))
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready ?? true)
    .flatMap(({ addresses, hostname }) =>
      (addresses ?? []).map((address) => {
        const ip = canonical(address) ?? address
        return { namespace: metadata.namespace ?? '', service, ip, hostname: hostname || dashedAddress(ip), ports: all }
      }),
    )
}

/** A WeakMap instead of a cache that must be told of changes: objects of informers are frozen. */
function remembered<T extends object, R>(make: (object: T) => R): (object: T) => R {
  const known = new WeakMap<T, R>()
  return (object) => {
    let made = known.get(object)
    if (made === undefined) known.set(object, (made = make(object)))
    return made
  }
}

/** The cluster as the API's Services and EndpointSlices tell it. */
export function informerData(informers: InformerFactory): ClusterData & { whenSynced(): Promise<void> } {
  const serviceInformer = informers.for(services)
  const sliceInformer = informers.for(endpointSlices)
  const serviceOf = remembered(dnsService)
  const endpointsOf = remembered(dnsEndpoints)
  serviceInformer.addIndex('clusterIp', (service) => serviceOf(service).clusterIps.flatMap((ip) => canonical(ip) ?? []))
  sliceInformer.addIndex('serviceNameLabel', ({ metadata }) => [
    metadata.labels?.[label] ? `${metadata.namespace ?? ''}/${metadata.labels[label]}` : '',
  ])
  sliceInformer.addIndex('readyAddress', (slice) => endpointsOf(slice).map(({ ip }) => ip))
  return {
    get synced() {
      return serviceInformer.synced && sliceInformer.synced
    },
    async whenSynced() {
      await Promise.all([serviceInformer.whenSynced(), sliceInformer.whenSynced()])
    },
    service(namespace, name) {
      const service = serviceInformer.get(`${namespace}/${name}`)
      return service && serviceOf(service)
    },
    endpoints: (namespace, name) =>
      sliceInformer.byIndex('serviceNameLabel', `${namespace}/${name}`).flatMap(endpointsOf),
    serviceByIp(ip) {
      const [service] = serviceInformer.byIndex('clusterIp', ip)
      return service && serviceOf(service)
    },
    endpointsByIp: (ip) =>
      sliceInformer
        .byIndex('readyAddress', ip)
        .flatMap((slice) => endpointsOf(slice).filter((endpoint) => endpoint.ip === ip)),
  }
}
