import type { PersistentVolumeClaim, Pod, Volume } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable, unschedulable } from '../../framework/rejection.ts'
import { claimKeyOf } from '../volume-binding/claims.ts'

const name = 'VolumeRestrictions'
const diskTaken = unschedulable(name, 'node(s) had no available disk')
const claimTaken = unschedulable(
  name,
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
)

/** Claims of the pod that one pod at a time may use, and how many others use them. */
interface Exclusive {
  readonly claims: ReadonlySet<string>
  users: number
}
const exclusive = new StateKey<Exclusive>(name, (state) => ({ ...state }))

/** Keeps disks and ReadWriteOncePod claims to one pod (plugins/volumerestrictions). */
export function volumeRestrictions(cache: SchedulerCache, lookups: Lookups): SchedulerPlugin {
  const usesOf = ({ claims }: Exclusive, other: PodInfo) => other.claims.filter((claim) => claims.has(claim)).length
  const ownClaim = ({ claims }: PodInfo, _: unknown, object: KubeObject | undefined) =>
    claims.includes(claimKeyOf(object as PersistentVolumeClaim))
  const afterDeletion: PodHint = (pod, deleted) => {
    if (!deleted?.spec?.nodeName && !deleted?.status?.nominatedNodeName) return false
    if (disksOf(pod.pod).some((disk) => conflicts(disk, deleted))) return true
    const names = (deleted.spec?.volumes ?? []).map(
      (volume) => `${deleted.metadata.namespace}/${volume.persistentVolumeClaim?.claimName}`,
    )
    return names.some((key) => pod.claims.includes(key))
  }
  return {
    name,
    events: [
      { resource: 'AssignedPod', actions: action.delete, hint: afterDeletion as QueueingHint },
      { resource: 'Node', actions: action.add },
      { resource: 'PersistentVolumeClaim', actions: action.add, hint: ownClaim as QueueingHint },
    ],
    preFilter(state, { pod, namespace }) {
      const claims = new Set<string>()
      for (const { persistentVolumeClaim } of pod.spec?.volumes ?? []) {
        if (!persistentVolumeClaim) continue
        const { claimName } = persistentVolumeClaim
        const claim = lookups.claim(`${namespace}/${claimName}`)
        if (!claim) return unresolvable(name, `persistentvolumeclaim "${claimName}" not found`)
        if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) claims.add(`${namespace}/${claimName}`)
      }
      const users = [...claims].filter((key) => cache.claimInUse(key)).length
      if (users === 0 && disksOf(pod).length === 0) return skip
      state.write(exclusive, { claims, users })
      return undefined
    },
    addPod(state, _, added) {
      const reckoned = state.read(exclusive)
      reckoned.users += usesOf(reckoned, added)
    },
    removePod(state, _, removed) {
      const reckoned = state.read(exclusive)
      reckoned.users -= usesOf(reckoned, removed)
    },
    filter(state, { pod }, node) {
      for (const disk of disksOf(pod)) {
        for (const other of node.pods.values()) if (conflicts(disk, other.pod)) return diskTaken
      }
      return state.read(exclusive).users > 0 ? claimTaken : undefined
    },
  }
}

function disksOf(pod: Pod): readonly Volume[] {
  return (pod.spec?.volumes ?? []).filter(
    ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }) =>
      gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi,
  )
}

function conflicts(disk: Volume, pod: Pod): boolean {
  return (pod.spec?.volumes ?? []).some((other) => {
    const shared = (a: { readOnly?: boolean }, b: { readOnly?: boolean }) => a.readOnly === true && b.readOnly === true
    const { gcePersistentDisk: gce, awsElasticBlockStore: aws, iscsi, rbd } = disk
    if (gce && other.gcePersistentDisk) {
      return gce.pdName === other.gcePersistentDisk.pdName && !shared(gce, other.gcePersistentDisk)
    }
    if (aws && other.awsElasticBlockStore) return aws.volumeID === other.awsElasticBlockStore.volumeID
    if (iscsi && other.iscsi) return iscsi.iqn === other.iscsi.iqn && !shared(iscsi, other.iscsi)
    if (rbd && other.rbd) {
      const { monitors, pool = 'rbd', image } = other.rbd
      return (
        rbd.monitors.some((monitor) => monitors.includes(monitor)) &&
        (rbd.pool ?? 'rbd') === pool &&
        rbd.image === image &&
        !shared(rbd, other.rbd)
      )
    }
    return false
  })
}
