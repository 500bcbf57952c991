import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { compareQuantities } from '../../../machinery/quantity.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable } from '../../framework/rejection.ts'
import type { VolumeBinder, VolumePlan } from './binder.ts'
import { claimKeyOf, claimsOf, type PodClaims, selectedNode } from './claims.ts'
import { canProvision, findVolume, isReachable } from './volume-match.ts'

const name = 'VolumeBinding'
const unreachable = "node(s) didn't match PersistentVolume's node affinity"
const noVolume = "node(s) didn't find available persistent volumes to bind"
const lostVolume = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

interface Volumes {
  readonly claims: PodClaims
  readonly plans: Map<string, VolumePlan>
}
const volumes = new StateKey<Volumes>(name)

/** Brings pods to nodes that reach their volumes, and binds claims that wait for a node (plugins/volumebinding). */
export function volumeBinding(lookups: Lookups, binder: VolumeBinder): SchedulerPlugin {
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
      if (!plan) reasons.push(noVolume)
      if (bound === lostVolume) reasons.push(bound)
      if (!plan || reasons.length > 0) return unresolvable(name, ...reasons)
      plans.set(node!.metadata.name ?? '', plan)
      return undefined
    },
    reserve(state, pod, node) {
      const plan = state.find(volumes)?.plans.get(node)
      if (plan) binder.promise(pod, plan)
      return undefined
    },
    unreserve: (_, pod) => binder.release(pod),
    async preBind(state, pod, node) {
      const plan = state.find(volumes)?.plans.get(node)
      if (plan && plan.bindings.length + plan.provisions.length > 0) await binder.bind(pod, node, plan)
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

/** Undefined: the claims cannot be met on the node. */
function planFor(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  lookups: Lookups,
  binder: VolumeBinder,
): VolumePlan | undefined {
  const bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = []
  const provisions: PersistentVolumeClaim[] = []
  const chosen = new Set<string>()
  const smallestFirst = claims.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))
  for (const claim of smallestFirst) {
    const selected = claim.metadata.annotations?.[selectedNode]
    if (selected !== undefined && selected !== node.metadata.name) return undefined
    const taken = (volumeName: string) => chosen.has(volumeName) || binder.isPromised(volumeName)
    const volume = selected === undefined ? findVolume(claim, lookups.volumes(), node, taken) : undefined
    if (volume) {
      chosen.add(volume.metadata.name ?? '')
      bindings.push({ volume, claim })
    } else if (!binder.isProvisioning(claim) && canProvision(lookups.storageClass(storageClassOf(claim)), node)) {
      provisions.push(claim)
    } else return undefined
  }
  return { bindings, provisions }
}

function sizeOf({ spec }: PersistentVolumeClaim): string {
  return spec?.resources?.requests?.storage ?? '0'
}
