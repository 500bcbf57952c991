import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.generated.ts'

/** Of StorageClasses whose volumes are folders of the node that their first pod runs on. */
export const localProvisioner = 'local-volumes.skiff'

/** Why no volume can be made for a claim. */
export function refusal(claim: PersistentVolumeClaim): string | undefined {
  const { volumeMode, selector, dataSource, dataSourceRef } = claim.spec
  if (volumeMode === 'Block') return 'a local volume is a folder, and no block device'
  if (selector !== undefined) return 'claim.Spec.Selector is not supported'
  if (dataSource !== undefined || dataSourceRef !== undefined) return 'a local volume cannot begin with data of another'
  return undefined
}

/** The volume of a claim: a folder of this node, below `folder`. Only pods of the node can use it. */
export function localVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  node: string,
  folder: string,
): PersistentVolume {
  const { uid = '', namespace = '', name = '', resourceVersion } = claim.metadata
  const volumeName = `pvc-${uid}`
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': localProvisioner } },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes,
      volumeMode: 'Filesystem',
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      mountOptions: storageClass.mountOptions,
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
      // The node makes the folder; until then pods wait.
      hostPath: { path: `${folder}/${volumeName}_${namespace}_${name}`, type: 'Directory' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  } as unknown as PersistentVolume
}
