import type { Endpoint, EndpointSlice, Node, Service } from '../../api/types.generated.ts'
import { quantityMilliValue } from '../../machinery/quantity.ts'
import { readyStatus } from '../nodes/node-state.ts'
import type { SliceDraft } from './distribute.ts'

/** So much more than its share an endpoint may have to bear. */
const overload = 0.2

/** The service lets its endpoints be dealt out to zones (service.kubernetes.io/topology-mode). */
export function dealsOutZones({ metadata }: Service): boolean {
  const { annotations = {} } = metadata
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode']
  return mode === 'Auto' || mode === 'auto'
}

/** Which part of the CPUs each zone has; undefined: nobody knows, or there is one zone only. */
export type ZoneShares = ReadonlyMap<string, number> | undefined

export function zoneShares(nodes: readonly Node[]): ZoneShares {
  const cpus = new Map<string, number>()
  for (const node of nodes) {
    const { labels = {} } = node.metadata
    const leads = ['control-plane', 'master'].some((role) => `node-role.kubernetes.io/${role}` in labels)
    if (leads || readyStatus(node) !== 'True') continue
    const zone = labels['topology.kubernetes.io/zone']
    const cpu = quantityMilliValue(node.status?.allocatable?.cpu ?? '0')
    if (!zone || cpu === 0) return undefined
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu)
  }
  if (cpus.size < 2) return undefined
  const total = [...cpus.values()].reduce((sum, cpu) => sum + cpu, 0)
  return new Map([...cpus].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, cpu]) => [zone, cpu / total]))
}

interface Allocation {
  readonly minimum: number
  readonly maximum: number
  readonly desired: number
}

/**
 * Gives every ready endpoint the hint of a zone, its own where possible, so that each zone has as many as its share of
 * CPUs needs (k8s.io/endpointslice/topologycache AddHints). `touched` are written anyway, and changed in place; the
 * result are those of the others that must be written, too. A problem: there can be no hints.
 */
export function dealOut(
  touched: readonly SliceDraft[],
  untouched: readonly EndpointSlice[],
  shares: ZoneShares,
): { readonly more: readonly SliceDraft[] } | { readonly problem: string } {
  const count = [...touched, ...untouched].reduce(
    (sum, { endpoints }) => sum + (endpoints ?? []).filter(isReady).length,
    0,
  )
  const allocations = allocate(count, shares)
  if (typeof allocations === 'string') return { problem: allocations }
  const given = new Map<string, number>()
  const give = (zone: string, change: number) => given.set(zone, (given.get(zone) ?? 0) + change)

  const more: SliceDraft[] = []
  for (const slice of untouched) {
    const present = validHints(slice, given, allocations)
    if (present === undefined) more.push({ ...slice, endpoints: [...(slice.endpoints ?? [])] })
    else for (const [zone, number] of present) give(zone, number)
  }
  const written = [...touched, ...more]
  for (const { endpoints } of written) {
    for (const [index, endpoint] of endpoints.entries()) {
      if (!isReady(endpoint)) continue
      if (!endpoint.zone) return { problem: 'One or more endpoints do not have a zone specified' }
      endpoints[index] = inZone(endpoint, endpoint.zone)
      give(endpoint.zone, 1)
    }
  }
  redistribute(written, allocations, given)
  return given.size === 0 ? { problem: 'No hints allocated for zones' } : { more }
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true
}

function inZone(endpoint: Endpoint, zone: string): Endpoint {
  return { ...endpoint, hints: { forZones: [{ name: zone }] } }
}

function allocate(count: number, shares: ZoneShares): ReadonlyMap<string, Allocation> | string {
  if (shares === undefined) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  }
  const numbers = `(${count} endpoints, ${shares.size} zones)`
  if (shares.size > count) return `Insufficient number of endpoints ${numbers}`
  const least = new Map([...shares].map(([zone, share]) => [zone, Math.ceil((share * count) / (1 + overload))]))
  const spare = count - [...least.values()].reduce((sum, minimum) => sum + minimum, 0)
  if (spare < 0) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`
  }
  return new Map(
    [...least].map(([zone, minimum]) => {
      const desired = Math.max(shares.get(zone)! * count, minimum)
      return [zone, { minimum, maximum: minimum + spare, desired }]
    }),
  )
}

/** How many endpoints a slice gives to which zone; undefined: that cannot stay so. */
function validHints(
  { endpoints }: EndpointSlice,
  given: ReadonlyMap<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): ReadonlyMap<string, number> | undefined {
  const found = new Map<string, number>()
  for (const endpoint of (endpoints ?? []).filter(isReady)) {
    const zones = endpoint.hints?.forZones ?? []
    if (zones.length === 0) return undefined
    for (const { name } of zones) {
      if (!allocations.has(name)) return undefined
      found.set(name, (found.get(name) ?? 0) + 1)
    }
  }
  const tooMany = [...found].some(([zone, number]) => number + (given.get(zone) ?? 0) > allocations.get(zone)!.maximum)
  return tooMany ? undefined : found
}

/** Zones that have more than they need give endpoints to those that have less. */
function redistribute(
  slices: readonly SliceDraft[],
  allocations: ReadonlyMap<string, Allocation>,
  given: Map<string, number>,
): void {
  const { giving, receiving } = exchanges(allocations, given)
  for (const { endpoints } of slices) {
    for (const [index, endpoint] of endpoints.entries()) {
      const from = endpoint.zone ?? ''
      if (!isReady(endpoint) || !giving.has(from)) continue
      const [to] = receiving.keys()
      if (to === undefined) return
      endpoints[index] = inZone(endpoint, to)
      take(giving, from)
      take(receiving, to)
      given.set(from, (given.get(from) ?? 0) - 1)
      given.set(to, (given.get(to) ?? 0) + 1)
    }
  }
}

function take(counts: Map<string, number>, zone: string): void {
  const left = counts.get(zone)! - 1
  if (left === 0) counts.delete(zone)
  else counts.set(zone, left)
}

function exchanges(allocations: ReadonlyMap<string, Allocation>, given: ReadonlyMap<string, number>) {
  const over = new Map<string, number>()
  const under = new Map<string, number>()
  for (const [zone, { desired }] of allocations) {
    const surplus = (given.get(zone) ?? 0) - desired
    if (surplus > 0) over.set(zone, surplus)
    else if (surplus < 0) under.set(zone, -surplus)
  }
  const most = (counts: ReadonlyMap<string, number>) =>
    [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0])
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, surplus] = most(over)
    const [to, need] = most(under)
    if (from === '' || to === '' || (surplus < 1 && need < 1) || surplus < 0.5 || need < 0.5)
      return { giving, receiving }
    giving.set(from, (giving.get(from) ?? 0) + 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    over.set(from, surplus - 1)
    under.set(to, need - 1)
  }
}
