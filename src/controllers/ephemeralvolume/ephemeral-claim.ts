import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types.generated.ts'

/** What is wrong with a claim that stands where a pod's ephemeral volume has its own; undefined: it is the pod's. */
export function foreignClaim(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller)
  if (owner?.uid === pod.metadata.uid) return undefined
  const { namespace = '', name = '' } = pod.metadata
  const of = `${claim.metadata.namespace ?? ''}/${claim.metadata.name ?? ''}`
  return `PVC ${of} was not created for pod ${namespace}/${name} (pod is not owner)`
}

/** The claim for an ephemeral volume of a pod, which owns it; undefined for other volumes. */
export function claimOfVolume(pod: Pod, { name, ephemeral }: Volume): PersistentVolumeClaim | undefined {
  if (ephemeral === undefined) return undefined
  const { metadata, spec } = ephemeral.volumeClaimTemplate ?? { spec: {} }
  const { namespace, name: podName = '', uid = '' } = pod.metadata
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      namespace,
      name: `${podName}-${name}`,
      ...(metadata?.labels && { labels: metadata.labels }),
      ...(metadata?.annotations && { annotations: metadata.annotations }),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec,
    status: {},
  }
}
