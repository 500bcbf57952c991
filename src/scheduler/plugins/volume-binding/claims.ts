import { volumeClaimName } from '../../../api/core/v1/pod/volume-claim.ts'
import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
import type { PersistentVolumeClaim, Pod, StorageClass } from '../../../api/types.generated.ts'
import type { Lookups } from '../../framework/lookups.ts'

export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const selectedNode = 'volume.kubernetes.io/selected-node'

export function claimKeyOf({ metadata }: PersistentVolumeClaim): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec?.volumeName) && metadata.annotations?.[bindCompleted] !== undefined
}

export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}

/** The claims of a pod, by how far they are (plugins/volumebinding/binder.go GetPodVolumeClaims). */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[]
  /** To be bound on the node that the pod gets. */
  readonly delayed: readonly PersistentVolumeClaim[]
  /** To be bound before the pod gets a node. */
  readonly immediate: readonly PersistentVolumeClaim[]
}

/** A text: why the pod cannot be scheduled yet. Undefined: it uses no claims. */
export function claimsOf(pod: Pod, lookups: Lookups): PodClaims | string | undefined {
  const { name: podName = '', namespace = '', uid } = pod.metadata
  const bound: PersistentVolumeClaim[] = []
  const delayed: PersistentVolumeClaim[] = []
  const immediate: PersistentVolumeClaim[] = []
  for (const volume of pod.spec?.volumes ?? []) {
    const name = volumeClaimName(podName, volume)
    if (name === undefined) continue
    const claim = lookups.claim(`${namespace}/${name}`)
    if (!claim) {
      return volume.ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`
    }
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
    }
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`
    const owned = claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid)
    if (volume.ephemeral && !owned) {
      return `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`
    }
    if (isFullyBound(claim)) bound.push(claim)
    else if (!claim.spec?.volumeName && waitsForConsumer(lookups.storageClass(storageClassOf(claim))))
      delayed.push(claim)
    else immediate.push(claim)
  }
  return bound.length + delayed.length + immediate.length === 0 ? undefined : { bound, delayed, immediate }
}
