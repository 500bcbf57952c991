import { storageClasses } from '../api/storage/v1/storage-class.ts'
import { localProvisioner } from '../controllers/localvolumes/local-volume.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { controllerAccount, type OfferedObject, readOnly, rights, user } from './offered-objects.ts'

/** Where the volumes of the default StorageClass lie on each node. */
export const localVolumeFolder = '/var/lib/kubelet/local-volumes'
/** As whom a node sees which volumes it is to keep. */
export const localVolumeKeeper = 'skiff:local-volume-keeper'

const standard = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: localProvisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
} as KubeObject

/** The default StorageClass, and the rights of those who make and keep its volumes. */
export const localVolumeObjects: readonly OfferedObject[] = [
  ...rights('skiff:local-volume-provisioner', controllerAccount('local-volume-provisioner'), [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...readOnly, 'create', 'delete'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims', 'nodes'], verbs: readOnly },
    { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: readOnly },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ]),
  ...rights(localVolumeKeeper, user(localVolumeKeeper), [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: readOnly },
  ]),
  [storageClasses, standard] as unknown as OfferedObject,
]
