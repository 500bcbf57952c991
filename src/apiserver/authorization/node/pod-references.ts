import { volumeClaimName } from '../../../api/core/v1/pod/volume-claim.ts'
import type { Container, EphemeralContainer, Pod, Volume } from '../../../api/types.generated.ts'

/** What a kubelet must read to run a pod, all of it in the pod's namespace. */
export interface PodReferences {
  readonly secrets: readonly string[]
  readonly configMaps: readonly string[]
  readonly persistentVolumeClaims: readonly string[]
  readonly resourceClaims: readonly string[]
  readonly serviceAccount: string
}

const none: PodReferences = {
  secrets: [],
  configMaps: [],
  persistentVolumeClaims: [],
  resourceClaims: [],
  serviceAccount: '',
}

/** pkg/api/v1/pod/util.go VisitPodSecretNames, VisitPodConfigmapNames; node/graph.go AddPod. */
export function podReferences(pod: Pod): PodReferences {
  const { metadata, spec, status } = pod
  // A mirror pod comes from a file on the node: its author is the node itself, which must gain nothing by it.
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return none
  const secrets = new Set<string>()
  const configMaps = new Set<string>()
  for (const { name } of spec.imagePullSecrets ?? []) if (name) secrets.add(name)
  for (const container of allContainers(pod)) {
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      if (secretRef?.name) secrets.add(secretRef.name)
      if (configMapRef?.name) configMaps.add(configMapRef.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef?.name) secrets.add(valueFrom.secretKeyRef.name)
      if (valueFrom?.configMapKeyRef?.name) configMaps.add(valueFrom.configMapKeyRef.name)
    }
  }
  const claims = new Set<string>()
  for (const volume of spec.volumes ?? []) {
    for (const name of volumeSecrets(volume)) if (name) secrets.add(name)
    for (const name of volumeConfigMaps(volume)) if (name) configMaps.add(name)
    const claim = volumeClaimName(metadata.name, volume)
    if (claim) claims.add(claim)
  }
  const resourceClaims = new Set<string>()
  const made = new Map(
    (status?.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => [name, resourceClaimName]),
  )
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    const claim = resourceClaimName ?? made.get(name)
    if (claim) resourceClaims.add(claim)
  }
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName
  if (extended) resourceClaims.add(extended)
  return {
    secrets: [...secrets],
    configMaps: [...configMaps],
    persistentVolumeClaims: [...claims],
    resourceClaims: [...resourceClaims],
    serviceAccount: spec.serviceAccountName ?? '',
  }
}

/** Containers of every kind: what counts for one counts for all (CVE-2023-2727). */
export function allContainers({ spec }: Pick<Pod, 'spec'>): readonly (Container | EphemeralContainer)[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
}

function volumeSecrets(volume: Volume): readonly (string | undefined)[] {
  return [
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.secret?.secretName,
    volume.scaleIO?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ]
}

function volumeConfigMaps(volume: Volume): readonly (string | undefined)[] {
  return [volume.configMap?.name, ...(volume.projected?.sources ?? []).map(({ configMap }) => configMap?.name)]
}
