import type { Node } from '../../api/types.generated.ts'
import { readyStatus, zoneOf } from '../nodes/node-state.ts'

export type ZoneState = 'normal' | 'partialDisruption' | 'fullDisruption'

export interface Zone {
  readonly state: ZoneState
  readonly size: number
}

const unhealthyThreshold = 0.55
const largeCluster = 50

/** How the zones are (ComputeZoneState). Nodes may be excluded from the reckoning by a label. */
export function zonesOf(nodes: readonly Node[]): Map<string, Zone> {
  return new Map(
    [...byZone(nodes)].map(([key, ofZone]) => {
      const total = ofZone.length
      const ready = ofZone.filter((node) => readyStatus(node) === 'True').length
      const bad = total - ready
      const partial = bad > 2 && bad / total >= unhealthyThreshold
      const state: ZoneState = ready === 0 ? 'fullDisruption' : partial ? 'partialDisruption' : 'normal'
      return [key, { state, size: total }]
    }),
  )
}

/** Without nodes that are excluded from the reckoning. */
export function byZone(nodes: readonly Node[]): Map<string, Node[]> {
  const counted = nodes.filter(
    ({ metadata }) => metadata.labels?.['node.kubernetes.io/exclude-disruption'] === undefined,
  )
  return Map.groupBy(counted, zoneOf)
}

/** No node is ready anywhere: it is rather us who have lost touch. */
export function allDisrupted(zones: ReadonlyMap<string, Zone>): boolean {
  return zones.size > 0 && [...zones.values()].every(({ state }) => state === 'fullDisruption')
}

/** How many nodes of the zone may be given up a second. */
export function evictionRate({ state, size }: Zone): number {
  if (state !== 'partialDisruption') return 0.1
  return size > largeCluster ? 0.01 : 0
}
