import { type NodeMatcher, nodeSelectorMatcher } from '../../../api/core/v1/node-affinity.ts'
import {
  hasModes,
  isBoundTo,
  sameAttributesClass,
  sameVolumeMode,
  sizeOf,
  wantedSize,
} from '../../../api/core/v1/persistent-volume/match.ts'
import { storageClassOf } from '../../../api/core/v1/storage-columns.ts'
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
  const wanted = wantedSize(claim)
  const selector = claim.spec.selector ? selectorOfLabelSelector(claim.spec.selector) : everything
  let smallest: PersistentVolume | undefined
  for (const volume of volumes) {
    const { spec, metadata, status } = volume
    if (taken(metadata.name ?? '')) continue
    const reserved = isBoundTo(volume, claim)
    if (spec.claimRef && !reserved) continue
    if (compareQuantities(sizeOf(volume), wanted) < 0) continue
    if (!sameVolumeMode(claim, volume) || !sameAttributesClass(claim, volume) || metadata.deletionTimestamp) continue
    const reachable = isReachable(volume, node)
    if (reserved) return reachable ? volume : undefined
    if (status?.phase !== 'Available' || !selector.matches(metadata.labels)) continue
    if (storageClassOf(volume) !== storageClassOf(claim) || !reachable || !hasModes(claim, volume)) continue
    if (!smallest || compareQuantities(sizeOf(smallest), sizeOf(volume)) > 0) smallest = volume
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
