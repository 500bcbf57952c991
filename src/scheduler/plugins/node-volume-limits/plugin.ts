import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
import type { CSINode, PersistentVolumeClaim, Pod } from '../../../api/types.generated.ts'
import { action } from '../../framework/cluster-event.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable, unschedulable } from '../../framework/rejection.ts'
import { claimKeyOf } from '../volume-binding/claims.ts'

const name = 'NodeVolumeLimits'
const tooMany = unschedulable(name, 'node(s) exceed max volume count')

/** Volumes by `driver/handle`, with their drivers. */
type Volumes = Map<string, string>

/**
 * As many volumes of a CSI driver on a node as the driver can attach there (plugins/nodevolumelimits/csi.go; what CSI
 * migration makes of in-tree volumes is not counted). A volume that is still to be made counts for its claim.
 */
export function nodeVolumeLimits(lookups: Lookups): SchedulerPlugin {
  const driverOf = (claim: PersistentVolumeClaim): readonly [driver: string, handle: string] | undefined => {
    const volume = lookups.volume(claim.spec?.volumeName ?? '')
    if (volume !== undefined) {
      const { csi } = volume.spec
      return csi && [csi.driver, csi.volumeHandle]
    }
    const provisioner = lookups.storageClass(storageClassOf(claim))?.provisioner
    return provisioner === undefined ? undefined : [provisioner, `claim ${claimKeyOf(claim)}`]
  }
  const add = (volumes: Volumes, claimKeys: readonly string[]) => {
    for (const key of claimKeys) {
      const claim = lookups.claim(key)
      const found = claim && driverOf(claim)
      if (found !== undefined) volumes.set(`${found[0]}/${found[1]}`, found[0])
    }
  }
  /** What attachers are busy with, of whatever pod. */
  const addAttached = (volumes: Volumes, node: string) => {
    for (const { spec } of lookups.attachments(node)) {
      const csi = lookups.volume(spec.source.persistentVolumeName ?? '')?.spec.csi
      if (csi !== undefined) volumes.set(`${spec.attacher}/${csi.volumeHandle}`, spec.attacher)
    }
  }
  const ownClaim: QueueingHint = ({ claims }, _, object) =>
    object !== undefined && claims.includes(claimKeyOf(object as PersistentVolumeClaim))
  const freesClaims: PodHint = (_, deleted) =>
    Boolean(deleted?.spec?.nodeName || deleted?.status?.nominatedNodeName) && usesClaims(deleted!)
  return {
    name,
    events: [
      { resource: 'CSINode', actions: action.add },
      { resource: 'CSINode', actions: action.update, hint: (_, old, now) => raised(old as CSINode, now as CSINode) },
      { resource: 'AssignedPod', actions: action.delete, hint: freesClaims as QueueingHint },
      { resource: 'PersistentVolumeClaim', actions: action.add, hint: ownClaim },
      { resource: 'VolumeAttachment', actions: action.delete, hint: ({ pod }) => usesClaims(pod) },
    ],
    preFilter: (_, { claims }) => (claims.length === 0 ? skip : undefined),
    filter(_, { claims, namespace }, node) {
      const missing = claims.find((key) => lookups.claim(key) === undefined)
      if (missing !== undefined) {
        const claimName = missing.slice(namespace.length + 1)
        return unresolvable(name, `looking up PVC ${missing}: persistentvolumeclaim "${claimName}" not found`)
      }
      const wanted: Volumes = new Map()
      add(wanted, claims)
      if (wanted.size === 0) return undefined
      const csiNode = lookups.csiNode(node.name)
      for (const driver of wanted.values()) {
        const isWanted = lookups.csiDriver(driver)?.spec.preventPodSchedulingIfMissing === true
        if (isWanted && !csiNode?.spec.drivers.some((one) => one.name === driver))
          return unschedulable(name, `${driver} CSI driver is not installed on the node`)
      }
      const limits = limitsOf(csiNode)
      if (limits.size === 0) return undefined
      const present: Volumes = new Map()
      for (const other of node.pods.values()) add(present, other.claims)
      for (const volume of present.keys()) wanted.delete(volume)
      addAttached(present, node.name)
      const count = (volumes: Volumes, driver: string) => [...volumes.values()].filter((one) => one === driver).length
      for (const driver of new Set(wanted.values()))
        if (count(present, driver) + count(wanted, driver) > (limits.get(driver) ?? Infinity)) return tooMany
      return undefined
    },
  }
}

function usesClaims({ spec }: Pod): boolean {
  return spec?.volumes?.some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral) === true
}

function limitsOf(node: CSINode | undefined): ReadonlyMap<string, number> {
  return new Map(
    node?.spec.drivers.flatMap(({ name: driver, allocatable }) =>
      allocatable?.count === undefined ? [] : [[driver, allocatable.count] as const],
    ),
  )
}

function raised(old: CSINode | undefined, now: CSINode | undefined): boolean {
  const before = limitsOf(old)
  return [...limitsOf(now)].some(([driver, limit]) => limit > (before.get(driver) ?? 0))
}
