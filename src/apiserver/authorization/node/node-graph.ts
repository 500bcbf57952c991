import { podCertificateRequests } from '../../../api/certificates/v1/pod-certificate-request.ts'
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.ts'
import { pods } from '../../../api/core/v1/pod.ts'
import { resourceSlices } from '../../../api/resource/v1/resource-slice.ts'
import { volumeAttachments } from '../../../api/storage/v1/volume-attachment.ts'
import type { PersistentVolume, Pod } from '../../../api/types.generated.ts'
import type { ResourceRef } from '../../../api/definition.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Lister } from '../../lister.ts'
import type { GraphMetrics } from './graph-metrics.ts'
import { podReferences } from './pod-references.ts'

/** Things that a node may touch because something on it needs them. */
export type Touchable =
  | 'secret'
  | 'configMap'
  | 'persistentVolumeClaim'
  | 'persistentVolume'
  | 'resourceClaim'
  | 'volumeAttachment'
  | 'serviceAccount'
  | 'resourceSlice'
  | 'pod'
  | 'podCertificateRequest'

/**
 * Which node is related to which object: through its pods to what they name, and through their claims to volumes and
 * the secrets of those. Upstream walks a graph (plugin/pkg/auth/authorizer/node/graph.go); here each object counts the
 * reasons it has for each node, so that a question is a look-up.
 */
export interface NodeGraph {
  isRelated(node: string, kind: Touchable, namespace: string, name: string): boolean
  stop(): void
}

interface Change<T> {
  readonly type: string
  readonly object: T
  readonly old?: T
}

export function createNodeGraph(lister: Lister, metrics?: GraphMetrics): NodeGraph {
  /** By object, by node: how many reasons. */
  const reasons = new Map<string, Map<string, number>>()
  const keysOfPod = new Map<string, { readonly node: string; readonly keys: readonly string[] }>()
  /** By volume: its claim's key. By secret of a volume: the volumes. */
  const claimOfVolume = new Map<string, string>()
  const volumesOfSecret = new Map<string, Set<string>>()
  const keyOf = (kind: Touchable, namespace: string, name: string) => `${kind}/${namespace}/${name}`

  function count(key: string, node: string, change: 1 | -1): void {
    let byNode = reasons.get(key)
    if (byNode === undefined) reasons.set(key, (byNode = new Map()))
    const left = (byNode.get(node) ?? 0) + change
    if (left > 0) byNode.set(node, left)
    else byNode.delete(node)
    if (byNode.size === 0) reasons.delete(key)
  }
  function forgetPod(pod: Pod): void {
    const id = `${pod.metadata.namespace}/${pod.metadata.name}`
    const known = keysOfPod.get(id)
    if (known === undefined) return
    keysOfPod.delete(id)
    for (const key of known.keys) count(key, known.node, -1)
  }
  function learnPod(pod: Pod): void {
    const { namespace = '', name = '' } = pod.metadata
    const node = pod.spec.nodeName
    if (!node) return
    const found = podReferences(pod)
    const keys = [
      keyOf('pod', namespace, name),
      ...found.secrets.map((one) => keyOf('secret', namespace, one)),
      ...found.configMaps.map((one) => keyOf('configMap', namespace, one)),
      ...found.persistentVolumeClaims.map((one) => keyOf('persistentVolumeClaim', namespace, one)),
      ...found.resourceClaims.map((one) => keyOf('resourceClaim', namespace, one)),
    ]
    if (found.serviceAccount !== '') keys.push(keyOf('serviceAccount', namespace, found.serviceAccount))
    keysOfPod.set(`${namespace}/${name}`, { node, keys })
    for (const key of keys) count(key, node, 1)
  }
  function forgetVolume({ metadata: { name = '' } }: PersistentVolume): void {
    claimOfVolume.delete(name)
    for (const [secret, volumes] of volumesOfSecret) {
      volumes.delete(name)
      if (volumes.size === 0) volumesOfSecret.delete(secret)
    }
  }
  function learnVolume(volume: PersistentVolume): void {
    const { name = '' } = volume.metadata
    const claim = volume.spec.claimRef
    if (claim === undefined) return
    claimOfVolume.set(name, keyOf('persistentVolumeClaim', claim.namespace ?? '', claim.name ?? ''))
    for (const secret of kubeletSecrets(volume)) {
      const key = keyOf('secret', secret.namespace, secret.name)
      volumesOfSecret.set(key, (volumesOfSecret.get(key) ?? new Set()).add(name))
    }
  }
  /** One reason per object, from the node that it names. */
  const followNamed = <T extends { metadata: { namespace?: string; name?: string } }>(
    kind: Touchable,
    nodeOf: (object: T) => string | undefined,
  ) => {
    return ({ type, object, old }: Change<T>) => {
      const key = keyOf(kind, object.metadata.namespace ?? '', object.metadata.name ?? '')
      const before = type === 'deleted' ? nodeOf(object) : old && nodeOf(old)
      if (before) count(key, before, -1)
      const after = type === 'deleted' ? undefined : nodeOf(object)
      if (after) count(key, after, 1)
    }
  }
  const measured = <T extends KubeObject>(ref: ResourceRef<T>, take: (change: Change<T>) => void) =>
    lister.watch(ref, (change) =>
      metrics === undefined ? take(change) : metrics.learn(ref.resource, change.type, () => take(change)),
    )
  const follow = () => [
    measured(pods, ({ type, object, old }) => {
      if (type === 'modified' && old !== undefined && sameReferences(object, old)) return
      forgetPod(object)
      if (type !== 'deleted') learnPod(object)
    }),
    measured(persistentVolumes, ({ type, object }) => {
      forgetVolume(object)
      if (type !== 'deleted') learnVolume(object)
    }),
    measured(
      volumeAttachments,
      followNamed('volumeAttachment', ({ spec }) => spec.nodeName),
    ),
    measured(
      resourceSlices,
      followNamed('resourceSlice', ({ spec }) => spec.nodeName),
    ),
    measured(
      podCertificateRequests,
      followNamed('podCertificateRequest', ({ spec }) => spec.nodeName),
    ),
  ]
  // From the first question on: a cluster whose nodes are elsewhere, or that has just started, need not read all its pods.
  let stops: (() => void)[] | undefined
  const hasReason = (key: string | undefined, node: string) => key !== undefined && reasons.get(key)?.has(node) === true
  return {
    isRelated(node, kind, namespace, name) {
      stops ??= follow()
      if (kind === 'persistentVolume') return hasReason(claimOfVolume.get(name), node)
      const key = keyOf(kind, namespace, name)
      if (hasReason(key, node)) return true
      if (kind !== 'secret') return false
      return [...(volumesOfSecret.get(key) ?? [])].some((volume) => hasReason(claimOfVolume.get(volume), node))
    },
    stop: () => {
      for (const stop of stops ?? []) stop()
    },
  }
}

/** What a pod refers to changes only with its node, its identity, its ephemeral containers and its claims' statuses. */
function sameReferences(pod: Pod, old: Pod): boolean {
  return (
    pod.spec.nodeName === old.spec.nodeName &&
    pod.metadata.uid === old.metadata.uid &&
    (pod.spec.ephemeralContainers?.length ?? 0) <= (old.spec.ephemeralContainers?.length ?? 0) &&
    JSON.stringify(pod.status?.resourceClaimStatuses) === JSON.stringify(old.status?.resourceClaimStatuses) &&
    pod.status?.extendedResourceClaimStatus?.resourceClaimName ===
      old.status?.extendedResourceClaimStatus?.resourceClaimName
  )
}

/** The secrets of a volume that a kubelet needs, rather than a controller (pkg/api/persistentvolume/util.go). */
function kubeletSecrets({ spec }: PersistentVolume): { namespace: string; name: string }[] {
  const home = spec.claimRef?.namespace ?? ''
  const found: { namespace: string; name: string }[] = []
  const add = (reference: { readonly name?: string; readonly namespace?: string } | undefined) => {
    if (reference?.name) found.push({ namespace: reference.namespace || home, name: reference.name })
  }
  if (spec.azureFile !== undefined) add({ name: spec.azureFile.secretName, namespace: spec.azureFile.secretNamespace })
  add(spec.cephfs?.secretRef)
  add(spec.cinder?.secretRef)
  add(spec.flexVolume?.secretRef)
  add(spec.rbd?.secretRef)
  add(spec.scaleIO?.secretRef)
  add(spec.iscsi?.secretRef)
  add(spec.storageos?.secretRef)
  add(spec.csi?.nodePublishSecretRef)
  add(spec.csi?.nodeStageSecretRef)
  add(spec.csi?.nodeExpandSecretRef)
  return found
}
