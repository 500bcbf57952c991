import { type NodeMatcher, nodeSelectorMatcher } from '../../../api/core/v1/node-affinity.ts'
import type {
  Node,
  NodeSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../api/types.generated.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/label-selector.ts'
import { everything } from '../../../machinery/labels/selector.ts'
import { compareQuantities } from '../../../machinery/quantity.ts'
import { classNameOf } from './claims.ts'

const matchers = new WeakMap<NodeSelector, NodeMatcher>()

/** Whether the volume can be reached from the node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required
  if (!required) return true
  let matcher = matchers.get(required)
  if (!matcher) matchers.set(required, (matcher = nodeSelectorMatcher(required)))
  return matcher.matches(node)
}

/**
 * The smallest free volume that does for the claim on this node, or the one that is reserved for it already
 * (component-helpers storage/volume FindMatchingVolume). `taken`: volumes that are promised to others.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  taken: (name: string) => boolean,
): PersistentVolume | undefined {
  const { spec, metadata } = claim
  const wanted = spec.resources?.requests?.storage ?? '0'
  const selector = spec.selector ? selectorOfLabelSelector(spec.selector) : everything
  let smallest: PersistentVolume | undefined
  for (const volume of volumes) {
    const { spec: offer, metadata: own, status } = volume
    if (taken(own.name ?? '')) continue
    const { claimRef } = offer
    const reserved =
      claimRef !== undefined &&
      claimRef.name === metadata.name &&
      claimRef.namespace === metadata.namespace &&
      (!claimRef.uid || claimRef.uid === metadata.uid)
    if (claimRef && !reserved) continue
    const size = offer.capacity?.storage ?? '0'
    if (compareQuantities(size, wanted) < 0) continue
    if ((spec.volumeMode ?? 'Filesystem') !== (offer.volumeMode ?? 'Filesystem')) continue
    if ((spec.volumeAttributesClassName ?? '') !== (offer.volumeAttributesClassName ?? '')) continue
    if (own.deletionTimestamp) continue
    const reachable = isReachable(volume, node)
    if (reserved) return reachable ? volume : undefined
    if (status?.phase !== 'Available' || !selector.matches(own.labels)) continue
    if (volumeClassOf(volume) !== classNameOf(claim) || !reachable) continue
    const modes: readonly string[] = offer.accessModes ?? []
    if (!(spec.accessModes ?? []).every((mode) => modes.includes(mode))) continue
    if (!smallest || compareQuantities(smallest.spec?.capacity?.storage ?? '0', size) > 0) smallest = volume
  }
  return smallest
}

/** Whether the class makes volumes that the node can reach. */
export function canProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  const { provisioner, allowedTopologies = [] } = storageClass ?? {}
  if (!provisioner || provisioner === 'kubernetes.io/no-provisioner') return false
  if (allowedTopologies.length === 0) return true
  const labels = node.metadata.labels ?? {}
  return allowedTopologies.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  )
}

function volumeClassOf({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
}
