import { nodeSelectorMatcher } from '../../../../api/core/v1/node-affinity.ts'
import type { CounterSet, Device, Node, NodeSelector, ResourceSlice } from '../../../../api/types.generated.ts'
import type { AllocatorFeatures } from './allocator-features.ts'

/** The devices of one driver that belong together, as a node sees them. */
export interface DevicePool {
  readonly driver: string
  readonly name: string
  /** Slices are missing that the driver announced: nothing is allocated from it. */
  readonly incomplete: boolean
  /** Why nothing can be allocated from it. */
  readonly invalid?: string
  /** Slices with devices for the node, by name: the order of choice. */
  readonly slices: readonly ResourceSlice[]
  /** Slices with devices for other nodes, which may consume the same counters. */
  readonly otherSlices: readonly ResourceSlice[]
  readonly counterSets: ReadonlyMap<string, CounterSet>
}
export const poolId = ({ driver, name }: Pick<DevicePool, 'driver' | 'name'>): string => `${driver}/${name}`

interface Where {
  readonly nodeName?: string
  readonly allNodes?: boolean
  readonly nodeSelector?: NodeSelector
}
export function isForNode(node: Node, { nodeName, allNodes, nodeSelector }: Where): boolean {
  if (nodeName) return nodeName === node.metadata.name
  if (allNodes === true) return true
  return nodeSelector !== undefined && nodeSelectorMatcher(nodeSelector).matches(node)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byDriverAndName = (a: DevicePool, b: DevicePool) => compareText(a.driver, b.driver) || compareText(a.name, b.name)

/**
 * The pools that a node may take devices from, in the order of choice: by name, those with binding conditions last.
 * `nodeSlices` are those among `all` that may be for the node (structured/internal pools, GatherPools).
 */
export function gatherPools(
  node: Node,
  nodeSlices: readonly ResourceSlice[],
  all: readonly ResourceSlice[],
  features: AllocatorFeatures,
): readonly DevicePool[] {
  const known = new Map<string, ResourceSlice[]>()
  for (const slice of nodeSlices) {
    if (!features.partitionableDevices && isPartitioned(slice)) continue
    if (!features.compatibilityGroups && usesCompatibilityGroups(slice)) continue
    if (isRelevant(slice, node)) addSlice(known, slice)
  }
  const [plain, conditional]: [DevicePool[], DevicePool[]] = [[], []]
  for (const slices of known.values()) {
    const pool = poolOf(slices, all, features)
    if (pool !== undefined) (hasBindingConditions(pool) ? conditional : plain).push(pool)
  }
  return [...plain.sort(byDriverAndName), ...conditional.sort(byDriverAndName)]
}

function isPartitioned({ spec }: ResourceSlice): boolean {
  return spec.perDeviceNodeSelection !== undefined || (spec.sharedCounters ?? []).length > 0
}

function usesCompatibilityGroups({ spec }: ResourceSlice): boolean {
  return (spec.devices ?? []).some(({ consumesCounters = [] }) =>
    consumesCounters.some(({ compatibilityGroups = [] }) => compatibilityGroups.length > 0),
  )
}

function isRelevant({ spec }: ResourceSlice, node: Node): boolean {
  if (spec.nodeName || spec.allNodes === true || spec.nodeSelector !== undefined) return isForNode(node, spec)
  return spec.perDeviceNodeSelection === true && (spec.devices ?? []).some((device) => isForNode(node, device))
}

/** Slices of the newest generation replace all others. */
function addSlice(pools: Map<string, ResourceSlice[]>, slice: ResourceSlice): void {
  const { driver, pool } = slice.spec
  const id = poolId({ driver, name: pool.name })
  const present = pools.get(id)
  const newest = present?.[0]?.spec.pool.generation
  if (newest === undefined || pool.generation > newest) pools.set(id, [slice])
  else if (pool.generation === newest) present!.push(slice)
}

/** Undefined: a newer generation is on its way that has nothing for the node. */
function poolOf(
  slices: readonly ResourceSlice[],
  all: readonly ResourceSlice[],
  features: AllocatorFeatures,
): DevicePool | undefined {
  const { driver, pool } = slices[0]!.spec
  const { resourceSliceCount } = pool
  if (slices.length === resourceSliceCount) return buildPool(driver, pool.name, slices, [], features)
  const ofPool = all.filter(({ spec }) => spec.driver === driver && spec.pool.name === pool.name)
  if (ofPool.some(({ spec }) => spec.pool.generation > pool.generation)) return undefined
  const current = ofPool.filter(
    (slice) =>
      slice.spec.pool.generation === pool.generation &&
      (features.compatibilityGroups || !usesCompatibilityGroups(slice)),
  )
  if (current.length === resourceSliceCount) return buildPool(driver, pool.name, slices, current, features)
  return { ...emptyPool(driver, pool.name), incomplete: true }
}

function emptyPool(driver: string, name: string): DevicePool {
  return { driver, name, incomplete: false, slices: [], otherSlices: [], counterSets: new Map() }
}

function buildPool(
  driver: string,
  name: string,
  forNode: readonly ResourceSlice[],
  whole: readonly ResourceSlice[],
  { partitionableDevices }: AllocatorFeatures,
): DevicePool {
  const byName = forNode.toSorted((a, b) => compareText(a.metadata.name ?? '', b.metadata.name ?? ''))
  const names = new Set(byName.map(({ metadata }) => metadata.name))
  const others = whole.filter(({ metadata }) => !names.has(metadata.name))
  const hasCounters = ({ spec }: ResourceSlice) => partitionableDevices && (spec.sharedCounters ?? []).length > 0
  const slices = byName.filter((slice) => !hasCounters(slice))
  const otherSlices = others.filter((slice) => !hasCounters(slice))
  const counterSets = new Map<string, CounterSet>()
  const invalid = (reason: string) => ({ ...emptyPool(driver, name), invalid: reason })
  const twice = duplicateDevice(slices)
  if (twice !== undefined) return invalid(`duplicate device name ${twice}`)
  if (!partitionableDevices) return { ...emptyPool(driver, name), slices }
  for (const { spec } of [...byName, ...others].filter(hasCounters))
    for (const set of spec.sharedCounters ?? []) {
      if (counterSets.has(set.name)) return invalid(`duplicate counter set name ${set.name}`)
      counterSets.set(set.name, set)
    }
  const missing = missingCounter([...slices, ...otherSlices], counterSets)
  if (missing !== undefined) return invalid(missing)
  return { ...emptyPool(driver, name), slices, otherSlices, counterSets }
}

export function* devicesOf(slices: readonly ResourceSlice[]): Generator<readonly [Device, ResourceSlice]> {
  for (const slice of slices) for (const device of slice.spec.devices ?? []) yield [device, slice]
}

function duplicateDevice(slices: readonly ResourceSlice[]): string | undefined {
  const names = new Set<string>()
  for (const [{ name }] of devicesOf(slices)) {
    if (names.has(name)) return name
    names.add(name)
  }
  return undefined
}

function missingCounter(slices: readonly ResourceSlice[], sets: ReadonlyMap<string, CounterSet>): string | undefined {
  for (const [{ consumesCounters = [] }] of devicesOf(slices))
    for (const { counterSet, counters } of consumesCounters) {
      const set = sets.get(counterSet)
      if (set === undefined) return `counter set ${counterSet} not found`
      for (const counter of Object.keys(counters ?? {}))
        if (!Object.hasOwn(set.counters, counter)) return `counter ${counter} not found in counter set ${counterSet}`
    }
  return undefined
}

function hasBindingConditions({ slices }: DevicePool): boolean {
  for (const [{ bindingConditions }] of devicesOf(slices)) if (bindingConditions !== undefined) return true
  return false
}
