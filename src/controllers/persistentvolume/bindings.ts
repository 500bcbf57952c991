import type {
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { compareQuantities, parseQuantity, QuantityError } from '../../machinery/quantity.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { isBoundTo } from '../../api/core/v1/persistent-volume/match.ts'

/** Both sides know each other: what is written from then on belongs to the pair. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed'
/** The pair was found here, and may be undone here. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const selectedNode = 'volume.kubernetes.io/selected-node'
/** On claims: who is to make the volume. The name of today first. */
export const provisionerMarks = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
]
const preResizeCapacity = 'volume.alpha.kubernetes.io/pre-resize-capacity'

export function hasAnnotation({ metadata }: KubeObject, name: string): boolean {
  return metadata.annotations?.[name] !== undefined
}

function annotated<T extends KubeObject>(object: T, ...names: readonly string[]): T {
  const added = Object.fromEntries(names.map((name) => [name, 'yes']))
  return { ...object, metadata: { ...object.metadata, annotations: { ...added, ...object.metadata.annotations } } }
}

export function claimKey({ namespace = '', name = '' }: ObjectReference): string {
  return `${namespace}/${name}`
}

/** The volume, bound to the claim; undefined: it is (pv_helpers.go GetBindVolumeToClaim). */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  const wasBound = isBoundTo(volume, claim)
  const complete = wasBound && volume.spec.claimRef?.uid === uid
  const marked = wasBound || hasAnnotation(volume, boundByController)
  if (complete && marked) return undefined
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion }
  const bound = complete ? volume : { ...volume, spec: { ...volume.spec, claimRef } }
  return marked ? bound : annotated(bound, boundByController)
}

/** The claim, bound to the volume; undefined: it is. */
export function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim | undefined {
  const volumeName = volume.metadata.name!
  if (claim.spec.volumeName === volumeName) {
    return hasAnnotation(claim, bindCompleted) ? undefined : annotated(claim, bindCompleted)
  }
  return annotated({ ...claim, spec: { ...claim.spec, volumeName } }, boundByController, bindCompleted)
}

/** The volume without its claim, if it was bound here; else reserved for that claim still. */
export function unboundVolume(volume: PersistentVolume): PersistentVolume {
  if (!hasAnnotation(volume, boundByController)) {
    const { uid: _, ...claimRef } = volume.spec.claimRef ?? {}
    return { ...volume, spec: { ...volume.spec, claimRef } }
  }
  const { claimRef: _, ...spec } = volume.spec
  const { [boundByController]: __, ...annotations } = volume.metadata.annotations ?? {}
  const left = Object.keys(annotations).length > 0 ? annotations : undefined
  return { ...volume, metadata: { ...volume.metadata, annotations: left }, spec }
}

/** What the claim tells of itself in this phase; undefined: it does (updateClaimStatus). */
export function claimStatus(
  { metadata, status = {} }: PersistentVolumeClaim,
  phase: 'Pending' | 'Bound' | 'Lost',
  volume: PersistentVolume | undefined,
): PersistentVolumeClaimStatus | undefined {
  const { accessModes: _, capacity: __, currentVolumeAttributesClassName: ___, ...rest } = status
  if (volume === undefined) {
    const next = { ...rest, phase }
    return semanticEqual(next, status) ? undefined : next
  }
  const becomes = status.phase !== phase
  const attributesClass =
    status.phase === 'Pending' && phase === 'Bound'
      ? volume.spec.volumeAttributesClassName
      : status.currentVolumeAttributesClassName
  const next: PersistentVolumeClaimStatus = {
    ...rest,
    phase,
    accessModes: volume.spec.accessModes,
    // Later a difference may be on purpose: the file system can be smaller than its device.
    capacity: becomes ? capacityOf(volume, status.capacity, `${metadata.namespace}/${metadata.name}`) : status.capacity,
    ...(attributesClass === undefined ? {} : { currentVolumeAttributesClassName: attributesClass }),
  }
  return semanticEqual(next, status) ? undefined : next
}

function capacityOf(
  volume: PersistentVolume,
  present: PersistentVolumeClaimStatus['capacity'],
  claim: string,
): PersistentVolumeClaimStatus['capacity'] {
  const storage = volume.spec.capacity?.storage
  if (storage === undefined) {
    throw new Error(`PersistentVolume "${volume.metadata.name}" is without a storage capacity (claim ${claim})`)
  }
  const before = volume.metadata.annotations?.[preResizeCapacity]
  if (before !== undefined) return { ...present, storage: isQuantity(before) ? before : storage }
  const same = present?.storage !== undefined && compareQuantities(present.storage, storage) === 0
  return same ? present : volume.spec.capacity
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch (error) {
    if (error instanceof QuantityError) return false
    throw error
  }
}

/** The claim, marked for an external provisioner; undefined: it is. */
export function forProvisioner(claim: PersistentVolumeClaim, provisioner: string): PersistentVolumeClaim | undefined {
  if (claim.metadata.annotations?.[provisionerMarks[0]!] === provisioner) return undefined
  const marks = Object.fromEntries(provisionerMarks.map((mark) => [mark, provisioner]))
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...marks } },
  }
}
