import type { Endpoint, EndpointHints, Service } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'

/** Whether the service wants its traffic to stay close (KEP-4444, KEP-3015). */
export function keepsTrafficClose(service: Service): boolean {
  const { trafficDistribution = '' } = service.spec
  return ['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(trafficDistribution)
}

/**
 * The endpoint with the hints that the service's trafficDistribution asks for (endpointslice/trafficdist). Those of
 * endpoints that are not ready stay as they are.
 */
export function withHints(service: Service, endpoint: Endpoint): Endpoint {
  if (keepsTrafficClose(service) && !endpoint.conditions?.ready) return endpoint
  const hints = keepsTrafficClose(service) ? closeHints(service, endpoint) : undefined
  if (jsonEqual(hints, endpoint.hints)) return endpoint
  const { hints: _, ...others } = endpoint
  return hints === undefined ? others : { ...others, hints }
}

function closeHints(service: Service, { zone, nodeName }: Endpoint): EndpointHints | undefined {
  const sameNode = service.spec.trafficDistribution === 'PreferSameNode' && nodeName !== undefined
  if (zone === undefined && !sameNode) return undefined
  return {
    forZones: zone === undefined ? undefined : [{ name: zone }],
    forNodes: sameNode ? [{ name: nodeName }] : undefined,
  }
}
