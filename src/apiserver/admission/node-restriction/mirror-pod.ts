import type { Pod, Volume } from '../../../api/types.generated.ts'
import { podReferences } from '../../authorization/node/pod-references.ts'

/** What of the API a pod refers to, which a node's own pods may not (pkg/api/pod/util.go HasAPIObjectReference). */
export function apiReference(pod: Pod): string | undefined {
  const { spec } = pod
  if (spec.serviceAccountName) return 'serviceaccounts'
  // Read as if it were no mirror pod, whose references count for nothing.
  const { secrets, configMaps } = podReferences({ ...pod, metadata: { name: pod.metadata.name } })
  if (secrets.length > 0) return 'secrets'
  if (configMaps.length > 0) return 'configmaps'
  if ((spec.resourceClaims ?? []).length > 0) return 'resourceclaims'
  for (const volume of spec.volumes ?? []) {
    const found = volumeReference(volume)
    if (found !== undefined) return found
  }
  return undefined
}

const byVolume: readonly (readonly [keyof Volume, string])[] = [
  ['configMap', 'configmaps (via configmap volumes)'],
  ['secret', 'secrets (via secret volumes)'],
  ['csi', 'csidrivers (via CSI volumes)'],
  ['glusterfs', 'endpoints (via glusterFS volumes)'],
  ['persistentVolumeClaim', 'persistentvolumeclaims'],
  ['ephemeral', 'persistentvolumeclaims (via ephemeral volumes)'],
  ['azureFile', 'secrets (via azureFile volumes)'],
]
const bySource: Readonly<Record<string, string>> = {
  configMap: 'configmaps (via projected volumes)',
  secret: 'secrets (via projected volumes)',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
}

function volumeReference(volume: Volume): string | undefined {
  for (const [member, text] of byVolume) if (volume[member] !== undefined) return text
  for (const source of volume.projected?.sources ?? []) {
    for (const [member, value] of Object.entries(source)) {
      if (value === undefined || member === 'downwardAPI') continue
      return bySource[member] ?? `unknown source for projected volume ${JSON.stringify(volume.name)}`
    }
  }
  return undefined
}
