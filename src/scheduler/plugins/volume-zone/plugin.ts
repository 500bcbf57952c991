import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
import type { PersistentVolumeClaim } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { action } from '../../framework/cluster-event.ts'
import { StateKey } from '../../framework/cycle-state.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { type Rejection, unresolvable } from '../../framework/rejection.ts'
import { claimKeyOf, waitsForConsumer } from '../volume-binding/claims.ts'

const name = 'VolumeZone'
const elsewhere = unresolvable(name, 'node(s) had no available volume zone')

const zone = 'topology.kubernetes.io/zone'
const region = 'topology.kubernetes.io/region'
/** Labels of volumes that name a place, with the label that a node has for it today. */
const placeLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': zone,
  'failure-domain.beta.kubernetes.io/region': region,
  [zone]: zone,
  [region]: region,
}

interface Place {
  readonly key: string
  readonly values: ReadonlySet<string>
}
const places = new StateKey<readonly Place[]>(name)

/** Brings pods to the zones of their volumes (plugins/volumezone). */
export function volumeZone(lookups: Lookups): SchedulerPlugin {
  const ownClaim = ({ claims }: PodInfo, _: unknown, object: KubeObject | undefined) =>
    claims.includes(claimKeyOf(object as PersistentVolumeClaim))

  const placesOf = ({ pod, namespace }: PodInfo): readonly Place[] | Rejection => {
    const found: Place[] = []
    for (const { persistentVolumeClaim } of pod.spec?.volumes ?? []) {
      if (!persistentVolumeClaim) continue
      const { claimName } = persistentVolumeClaim
      const claim = lookups.claim(`${namespace}/${claimName}`)
      if (!claim) return unresolvable(name, `persistentvolumeclaim "${claimName}" not found`)
      const volumeName = claim.spec?.volumeName
      if (!volumeName) {
        const className = storageClassOf(claim)
        if (className === '') return unresolvable(name, 'PersistentVolumeClaim had no pv name and storageClass name')
        const storageClass = lookups.storageClass(className)
        if (!storageClass) return unresolvable(name, `storageclass.storage.k8s.io "${className}" not found`)
        if (waitsForConsumer(storageClass)) continue
        return unresolvable(name, 'PersistentVolume had no name')
      }
      const volume = lookups.volume(volumeName)
      if (!volume) return unresolvable(name, `persistentvolume "${volumeName}" not found`)
      for (const key of Object.keys(placeLabels)) {
        const value = volume.metadata.labels?.[key]
        if (value !== undefined) found.push({ key, values: new Set(value.split('__').map((part) => part.trim())) })
      }
    }
    return found
  }

  return {
    name,
    events: [
      { resource: 'StorageClass', actions: action.add },
      { resource: 'Node', actions: action.add | action.nodeLabel },
      { resource: 'PersistentVolumeClaim', actions: action.add | action.update, hint: ownClaim as QueueingHint },
      { resource: 'PersistentVolume', actions: action.add | action.update },
    ],
    preFilter(state, pod) {
      if (pod.claims.length === 0) return skip
      const found = placesOf(pod)
      if ('code' in found) return found
      if (found.length === 0) return skip
      state.write(places, found)
      return undefined
    },
    filter(state, _, { labels }) {
      // A node that names no place at all is not restricted.
      if (!Object.keys(placeLabels).some((key) => labels[key] !== undefined)) return undefined
      for (const { key, values } of state.read(places)) {
        const value = labels[key] ?? labels[placeLabels[key]!]
        if (value === undefined || !values.has(value)) return elsewhere
      }
      return undefined
    },
  }
}
