import type { EndpointSlice } from '../api/types.generated.ts'
import { formatIp, parseIp } from '../machinery/ip.ts'
import type { Family, Protocol, ServicePort } from './service-port.ts'
import { usesClusterEndpoints, usesLocalEndpoints } from './service-port.ts'

/** A backend of a service port (upstream pkg/proxy/endpoint.go). */
export interface Endpoint {
  readonly ip: string
  readonly port: number
  /** It runs on this node. */
  readonly local: boolean
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
}

/** `tcp/http`: which port of the service. A slice names the same ports as its service. */
export function portKey(port: { readonly protocol: Protocol; readonly portName: string }): string {
  return `${port.protocol}/${port.portName}`
}

const label = 'kubernetes.io/service-name'

/**
 * The service of a slice, as `namespace/name`; undefined when it belongs to none, or to a headless one, whose endpoints
 * no proxy serves (the label selectors of cmd/kube-proxy).
 */
export function serviceOfSlice(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[label]
  if (slice.metadata.labels?.['service.kubernetes.io/headless'] !== undefined) return undefined
  return name ? `${slice.metadata.namespace ?? ''}/${name}` : undefined
}

/**
 * The endpoints of a service's slices by port, sorted by address, so that equal states give equal rules
 * (upstream pkg/proxy/endpointslicecache.go).
 */
export function endpointsByPort(
  slices: readonly EndpointSlice[],
  family: Family,
  nodeName: string,
): ReadonlyMap<string, readonly Endpoint[]> {
  const byPort = new Map<string, Map<string, Endpoint>>()
  for (const slice of slices) {
    if (slice.addressType !== `IPv${family}`) continue
    for (const port of slice.ports ?? []) {
      if (!port.port) continue
      const key = portKey({ protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol, portName: port.name ?? '' })
      const found = byPort.get(key) ?? new Map<string, Endpoint>()
      byPort.set(key, found)
      for (const { addresses, conditions, nodeName: at, hints } of slice.endpoints ?? []) {
        const ip = parseIp(addresses?.[0] ?? '')
        if (ip === undefined) continue
        const endpoint: Endpoint = {
          ip: formatIp(ip),
          port: port.port,
          local: nodeName !== '' && at === nodeName,
          ready: conditions?.ready ?? true,
          serving: conditions?.serving ?? true,
          terminating: conditions?.terminating ?? false,
          zoneHints: hints?.forZones?.map(({ name }) => name) ?? [],
          nodeHints: hints?.forNodes?.map(({ name }) => name) ?? [],
        }
        // An address may be taken over from a pod that is terminating; the one that runs counts.
        const address = addressOf(endpoint)
        if (!endpoint.terminating || !found.has(address)) found.set(address, endpoint)
      }
    }
  }
  return new Map(
    [...byPort].map(([key, found]) => [key, [...found.keys()].sort().map((address) => found.get(address)!)]),
  )
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function addressOf({ ip, port }: { readonly ip: string; readonly port: number }): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

export interface CategorizedEndpoints {
  /** For traffic under the Cluster policy. */
  readonly cluster: readonly Endpoint[]
  /** For traffic under the Local policy. */
  readonly local: readonly Endpoint[]
  /** Both, each once. */
  readonly reachable: readonly Endpoint[]
  /** There is a usable endpoint on some node, be it out of reach under the policies. */
  readonly any: boolean
}

/**
 * Which endpoints take traffic on this node: ready ones, near ones if the hints allow, and those that are terminating
 * but still serving when no other is left – for each policy by itself (upstream pkg/proxy/topology.go).
 */
export function categorize(
  endpoints: readonly Endpoint[],
  port: ServicePort,
  place: { readonly nodeName: string; readonly zone: string },
): CategorizedEndpoints {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  const leaving = endpoints.filter((endpoint) => !endpoint.ready && endpoint.serving && endpoint.terminating)

  const near = nearest(ready, place)
  const cluster = !usesClusterEndpoints(port) ? [] : ready.length > 0 ? ready.filter(near) : leaving
  if (!usesLocalEndpoints(port)) return { cluster, local: [], reachable: cluster, any: cluster.length > 0 }

  const localReady = ready.filter((endpoint) => endpoint.local)
  const local = localReady.length > 0 ? localReady : leaving.filter((endpoint) => endpoint.local)
  return {
    cluster,
    local,
    reachable: [...cluster, ...local.filter((endpoint) => !cluster.includes(endpoint))],
    any: ready.length > 0 || leaving.length > 0,
  }
}

/** Hints count only if every ready endpoint has one and some endpoint is meant for this place. */
function nearest(
  ready: readonly Endpoint[],
  { nodeName, zone }: { readonly nodeName: string; readonly zone: string },
): (endpoint: Endpoint) => boolean {
  const forNode = (endpoint: Endpoint) => endpoint.nodeHints.includes(nodeName)
  const forZone = (endpoint: Endpoint) => endpoint.zoneHints.includes(zone)
  if (ready.every((endpoint) => endpoint.nodeHints.length > 0) && ready.some(forNode)) return forNode
  if (ready.every((endpoint) => endpoint.zoneHints.length > 0) && ready.some(forZone)) return forZone
  return () => true
}
