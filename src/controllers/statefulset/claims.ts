import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { PersistentVolumeClaim, StatefulSet } from '../../api/types.generated.ts'
import { apiVersionOf, type KubeObject, type OwnerReference } from '../../machinery/meta/object.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { controllerReference } from '../runtime/ownership.ts'
import { isInRange } from './ordinals.ts'

/** A pod of the set, which may not exist yet: then without UID. */
export interface Member {
  readonly ordinal: number
  readonly object: Pick<KubeObject, 'metadata'>
}

export function claimName(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`
}

/** The claims that the pod needs, as they are made. */
export function claimsOf(set: StatefulSet, member: Member): readonly PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const claim: PersistentVolumeClaim = {
      ...template,
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...template.metadata,
        name: claimName(set, template, member.ordinal),
        namespace: set.metadata.namespace,
        labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      },
    }
    const ownerReferences = desiredOwners(claim, set, member)
    return ownerReferences.length > 0 ? { ...claim, metadata: { ...claim.metadata, ownerReferences } } : claim
  })
}

function retention({ spec }: StatefulSet): { readonly onDelete: boolean; readonly onScale: boolean } {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  return { onDelete: whenDeleted === 'Delete', onScale: whenScaled === 'Delete' }
}

/** Whom a claim goes with: its set, or the pod that was scaled away. */
function owners(set: StatefulSet, member: Member): { readonly bySet: boolean; readonly byPod: boolean } {
  const { onDelete, onScale } = retention(set)
  const scaledDown = !isInRange(set, member.ordinal)
  return { bySet: onDelete && !(onScale && scaledDown), byPod: onScale && scaledDown }
}

function matchesRef(ref: OwnerReference, object: Member['object'], kind: ResourceRef): boolean {
  return ref.apiVersion === apiVersionOf(kind) && ref.kind === kind.kind && ref.name === object.metadata.name
}

function isOwnedBy({ metadata }: PersistentVolumeClaim, owner: Member['object']): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false
}

/** It refers to an object of that name which is no more. */
function refersToFormer(claim: PersistentVolumeClaim, object: Member['object'], kind: ResourceRef): boolean {
  const ref = claim.metadata.ownerReferences?.find((candidate) => matchesRef(candidate, object, kind))
  return ref !== undefined && ref.uid !== object.metadata.uid
}

/** Somebody else controls the claim, so that the policy cannot be kept. */
export function hasOtherController(claim: PersistentVolumeClaim, set: StatefulSet, member: Member): boolean {
  const { onDelete, onScale } = retention(set)
  if (!onDelete && !onScale) return false
  return (claim.metadata.ownerReferences ?? []).some((ref) => {
    if (matchesRef(ref, set, statefulSets)) return ref.uid !== set.metadata.uid
    if (matchesRef(ref, member.object, pods)) return ref.uid !== member.object.metadata.uid
    return ref.controller === true
  })
}

/** Whether the owners of the claim are those that the retention policy asks for, or are not ours to touch. */
export function isOwnerUpToDate(claim: PersistentVolumeClaim, set: StatefulSet, member: Member): boolean {
  if (refersToFormer(claim, set, statefulSets) || refersToFormer(claim, member.object, pods)) return true
  const [bySet, byPod] = [isOwnedBy(claim, set), isOwnedBy(claim, member.object)]
  if (hasOtherController(claim, set, member)) return !bySet && !byPod
  const uids = [set.metadata.uid, member.object.metadata.uid]
  const half = claim.metadata.ownerReferences?.some(({ uid, controller }) => uids.includes(uid) && !controller)
  if (half) return false
  const wanted = owners(set, member)
  return wanted.bySet === bySet && wanted.byPod === byPod
}

/** The owner references of the claim as they should be (stateful_set_utils.go updateClaimOwnerRefForSetAndPod). */
export function desiredOwners(claim: PersistentVolumeClaim, set: StatefulSet, member: Member): OwnerReference[] {
  const others = (claim.metadata.ownerReferences ?? []).filter(
    (ref) => !matchesRef(ref, set, statefulSets) && !matchesRef(ref, member.object, pods),
  )
  if (hasOtherController(claim, set, member)) return others
  const { bySet, byPod } = owners(set, member)
  if (byPod) others.push(controllerReference(member.object as KubeObject, pods))
  if (bySet) others.push(controllerReference(set, statefulSets))
  return others
}

/** A claim of a pod of that name that is no more: it goes away soon, and must not be used again. */
export function isStale(claim: PersistentVolumeClaim, set: StatefulSet, member: Member): boolean {
  return retention(set).onScale && refersToFormer(claim, member.object, pods)
}
