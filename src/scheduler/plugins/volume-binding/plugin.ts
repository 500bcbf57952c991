import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
import type {
  CSIDriver,
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { compareQuantities, quantityValue } from '../../../machinery/quantity.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'
import { shapeFunction } from '../shape-function.ts'
import type { VolumeBinder, VolumePlan } from './binder.ts'
import { claimKeyOf, claimsOf, type PodClaims, selectedNode } from './claims.ts'
import { enoughCapacity, volumeLimit } from './storage-capacity.ts'
import { canProvision, findVolume, isReachable } from './volume-match.ts'

const name = 'VolumeBinding'
const unreachable = "node(s) didn't match PersistentVolume's node affinity"
const noVolume = "node(s) didn't find available persistent volumes to bind"
const noSpace = 'node(s) did not have enough free storage'
const lostVolume = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

interface Volumes {
  readonly claims: PodClaims
  readonly plans: Map<string, VolumePlan>
}
const volumes = new StateKey<Volumes>(name)

/** Brings pods to nodes that reach their volumes, and binds claims that wait for a node (plugins/volumebinding). */
export function volumeBinding(
  args: PluginArguments['VolumeBinding'],
  lookups: Lookups,
  binder: VolumeBinder,
): SchedulerPlugin {
  const scoreAt = shapeFunction(args.shape)
  const ownClaim = ({ claims }: PodInfo, _: unknown, object: KubeObject | undefined) =>
    claims.includes(claimKeyOf(object as PersistentVolumeClaim))
  const otherTopologies = (_: PodInfo, old: KubeObject | undefined, object: KubeObject | undefined) =>
    !old || !jsonEqual((old as StorageClass).allowedTopologies, (object as StorageClass).allowedTopologies)

  return {
    name,
    events: [
      { resource: 'StorageClass', actions: action.add | action.update, hint: otherTopologies as QueueingHint },
      { resource: 'PersistentVolumeClaim', actions: action.add | action.update, hint: ownClaim as QueueingHint },
      { resource: 'PersistentVolume', actions: action.add | action.update },
      { resource: 'Node', actions: action.add | action.nodeLabel },
      // For volumes of drivers that once came with the kubelet; which are all over by now.
      { resource: 'CSINode', actions: action.add | action.update, hint: migrated as QueueingHint },
      { resource: 'CSIDriver', actions: action.update, hint: tellsNoMore as QueueingHint },
      { resource: 'CSIStorageCapacity', actions: action.add | action.update, hint: moreSpace as QueueingHint },
    ],
    preFilter(state, { pod }) {
      const claims = claimsOf(pod, lookups)
      if (claims === undefined) return skip
      if (typeof claims === 'string') return unresolvable(name, claims)
      if (claims.immediate.length > 0) return unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims')
      state.write(volumes, { claims, plans: new Map() })
      return undefined
    },
    filter(state, _, { node }) {
      const { claims, plans } = state.read(volumes)
      const reasons: string[] = []
      const bound = boundReason(claims.bound, node!, lookups)
      if (bound === unreachable) reasons.push(bound)
      const plan = planFor(claims.delayed, node!, lookups, binder)
      if (typeof plan === 'string') reasons.push(plan)
      if (bound === lostVolume) reasons.push(bound)
      if (typeof plan === 'string' || reasons.length > 0) return unresolvable(name, ...reasons)
      plans.set(node!.metadata.name ?? '', plan)
      return undefined
    },
    preScore: (state) => (state.find(volumes) === undefined ? skip : undefined),
    score(state, _, node) {
      const plan = state.find(volumes)?.plans.get(node.name)
      return plan === undefined ? 0 : spaceScore(plan, scoreAt)
    },
    reserve(state, pod, node) {
      const plan = state.find(volumes)?.plans.get(node)
      if (plan) binder.promise(pod, plan)
      return undefined
    },
    unreserve: (_, pod) => binder.release(pod),
    willPreBind: (state, _, node) => isWork(state.find(volumes)?.plans.get(node)),
    async preBind(state, pod, node) {
      const plan = state.find(volumes)?.plans.get(node)
      if (isWork(plan)) await binder.bind(pod, node, plan)
    },
  }
}

function boundReason(claims: readonly PersistentVolumeClaim[], node: Node, lookups: Lookups): string | undefined {
  for (const { spec } of claims) {
    const volume = lookups.volume(spec?.volumeName ?? '')
    if (!volume) return lostVolume
    if (!isReachable(volume, node)) return unreachable
  }
  return undefined
}

function isWork(plan: VolumePlan | undefined): plan is VolumePlan {
  return plan !== undefined && plan.bindings.length + plan.provisions.length > 0
}

/** How well the volumes would fill what they are taken from, by storage class (volumebinding/scorer.go). */
function spaceScore(
  { bindings, provisions, capacities }: VolumePlan,
  scoreAt: ReturnType<typeof shapeFunction>,
): number {
  const classes = new Map<string, { requested: number; capacity: number }>()
  const of = (claim: PersistentVolumeClaim) => {
    const storageClass = storageClassOf(claim)
    let entry = classes.get(storageClass)
    if (!entry) classes.set(storageClass, (entry = { requested: 0, capacity: 0 }))
    return entry
  }
  const bytesOf = (quantity: string | undefined) => quantityValue(quantity ?? '0')
  for (const { claim, volume } of bindings) {
    const entry = of(claim)
    entry.requested += bytesOf(sizeOf(claim))
    entry.capacity += bytesOf(volume.spec?.capacity?.storage)
  }
  // All volumes of a class are taken from the same.
  for (const claim of bindings.length > 0 ? [] : provisions) {
    const capacity = capacities?.get(claim)
    if (capacity === undefined) continue
    const entry = of(claim)
    entry.capacity = bytesOf(capacity.capacity)
    entry.requested += bytesOf(sizeOf(claim))
  }
  if (classes.size === 0) return 0
  let sum = 0
  for (const { requested, capacity } of classes.values()) sum += scoreAt(requested, capacity)
  return Math.round(sum / classes.size)
}

const migratedPlugins = 'storage.alpha.kubernetes.io/migrated-plugins'
const migrated = (_: PodInfo, old: KubeObject | undefined, object: KubeObject | undefined) =>
  !old || old.metadata.annotations?.[migratedPlugins] !== object?.metadata.annotations?.[migratedPlugins]

const tellsNoMore = ({ pod }: PodInfo, old: KubeObject | undefined, object: KubeObject | undefined) =>
  pod.spec?.volumes?.some(({ csi }) => csi?.driver === object?.metadata.name) === true &&
  (old as CSIDriver | undefined)?.spec.storageCapacity === true &&
  (object as CSIDriver).spec.storageCapacity !== true

const moreSpace = (_: PodInfo, old: KubeObject | undefined, object: KubeObject | undefined) => {
  if (!old) return true
  const [before, now] = [volumeLimit(old as CSIStorageCapacity), volumeLimit(object as CSIStorageCapacity)]
  return now !== undefined && (before === undefined || compareQuantities(now, before) > 0)
}

/** A text: why the claims cannot be met on the node. */
function planFor(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  lookups: Lookups,
  binder: VolumeBinder,
): VolumePlan | string {
  const bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = []
  const provisions: PersistentVolumeClaim[] = []
  const capacities = new Map<PersistentVolumeClaim, CSIStorageCapacity>()
  const chosen = new Set<string>()
  const smallestFirst = claims.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))
  for (const claim of smallestFirst) {
    const selected = claim.metadata.annotations?.[selectedNode]
    if (selected !== undefined && selected !== node.metadata.name) return noVolume
    const taken = (volumeName: string) => chosen.has(volumeName) || binder.isPromised(volumeName)
    const volume = selected === undefined ? findVolume(claim, lookups.volumes(), node, taken) : undefined
    if (volume) {
      chosen.add(volume.metadata.name ?? '')
      bindings.push({ volume, claim })
      continue
    }
    const storageClass = lookups.storageClass(storageClassOf(claim))
    if (binder.isProvisioning(claim) || storageClass === undefined || !canProvision(storageClass, node)) return noVolume
    const capacity = enoughCapacity(claim, storageClass, node, lookups)
    if (capacity === false) return noSpace
    if (capacity !== true) capacities.set(claim, capacity)
    provisions.push(claim)
  }
  return { bindings, provisions, capacities }
}

function sizeOf({ spec }: PersistentVolumeClaim): string {
  return spec?.resources?.requests?.storage ?? '0'
}
