import type { Endpoint, EndpointSlice, Service } from '../../api/types.generated.ts'
import { endpointKey, labelsDiffer, type PortGroup, sameEndpoint, sliceLabels } from './desired.ts'

export const maxEndpointsPerSlice = 100

/** A slice that is to be written: with a name it exists already. */
export type SliceDraft = Omit<EndpointSlice, 'endpoints'> & { readonly endpoints: Endpoint[] }

export interface SliceChanges {
  readonly create: SliceDraft[]
  readonly update: SliceDraft[]
  readonly delete: EndpointSlice[]
}

/**
 * Puts the endpoints of one set of ports into slices, so that few slices change: those that are there stay where they
 * are, new ones fill slices that change anyway, then one that has room, then new slices
 * (reconciler.go reconcileByPortMapping).
 */
export function distribute(
  service: Service,
  existing: readonly EndpointSlice[],
  group: PortGroup,
  newSlice: () => SliceDraft,
): SliceChanges {
  const left = new Map(group.endpoints)
  const unchanged: EndpointSlice[] = []
  const update: SliceDraft[] = []
  const gone: EndpointSlice[] = []
  const labels = sliceLabels(service)
  const draftOf = (slice: EndpointSlice, endpoints: Endpoint[]): SliceDraft => ({
    ...slice,
    metadata: { ...slice.metadata, labels },
    endpoints,
  })
  for (const slice of existing) {
    const present = slice.endpoints ?? []
    const kept: Endpoint[] = []
    let changed = labelsDiffer(slice, service)
    for (const endpoint of present) {
      const key = endpointKey(endpoint)
      const wanted = left.get(key)
      if (wanted === undefined) continue
      kept.push(sameEndpoint(wanted, endpoint) ? endpoint : wanted)
      changed ||= !sameEndpoint(wanted, endpoint)
      left.delete(key)
    }
    if (kept.length === 0 && present.length > 0) gone.push(slice)
    else if (changed || kept.length !== present.length) update.push(draftOf(slice, kept))
    else unchanged.push(slice)
  }

  const fill = (slice: SliceDraft) => {
    for (const [key, endpoint] of left) {
      if (slice.endpoints.length >= maxEndpointsPerSlice) return
      slice.endpoints.push(endpoint)
      left.delete(key)
    }
  }
  for (const slice of [...update].sort((a, b) => b.endpoints.length - a.endpoints.length)) fill(slice)
  const create: SliceDraft[] = []
  while (left.size > 0) {
    const roomy = left.size < maxEndpointsPerSlice ? fullestWithRoom(unchanged, left.size) : undefined
    if (roomy === undefined) {
      const slice = newSlice()
      fill(slice)
      create.push(slice)
    } else {
      unchanged.splice(unchanged.indexOf(roomy), 1)
      const slice = draftOf(roomy, [...(roomy.endpoints ?? [])])
      fill(slice)
      update.push(slice)
    }
  }
  return { create, update, delete: gone }
}

function fullestWithRoom(slices: readonly EndpointSlice[], count: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined
  let least = maxEndpointsPerSlice
  for (const slice of slices) {
    const room = maxEndpointsPerSlice - count - (slice.endpoints?.length ?? 0)
    if (room >= 0 && room < least) {
      best = slice
      least = room
    }
  }
  return best
}
