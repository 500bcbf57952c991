import { clusterRoleBindings } from '../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../api/rbac/v1/cluster-role.ts'
import { storageClasses } from '../api/storage/v1/storage-class.ts'
import type { ResourceRef } from '../api/definition.ts'
import type { Client } from '../client/client.ts'
import { localProvisioner } from '../controllers/localvolumes/local-volume.ts'
import { isReason } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/** Where the volumes of the default StorageClass lie on each node. */
export const localVolumeFolder = '/var/lib/kubelet/local-volumes'
/** As whom a node sees which volumes it is to keep. */
export const localVolumeKeeper = 'skiff:local-volume-keeper'

const provisionerRole = 'skiff:local-volume-provisioner'
const rbac = 'rbac.authorization.k8s.io'
const readOnly = ['get', 'list', 'watch']

function role(name: string, rules: readonly object[]): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules } as KubeObject
}
function binding(name: string, subject: object): KubeObject {
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name }
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef,
    subjects: [subject],
  } as KubeObject
}

/** The default StorageClass, and the rights of those who make and keep its volumes. */
const wanted: readonly (readonly [ResourceRef, KubeObject])[] = [
  [
    clusterRoles,
    role(provisionerRole, [
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...readOnly, 'create', 'delete'] },
      { apiGroups: [''], resources: ['persistentvolumeclaims', 'nodes'], verbs: readOnly },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: readOnly },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ]),
  ],
  [
    clusterRoleBindings,
    binding(provisionerRole, { kind: 'ServiceAccount', name: 'local-volume-provisioner', namespace: 'kube-system' }),
  ],
  [clusterRoles, role(localVolumeKeeper, [{ apiGroups: [''], resources: ['persistentvolumes'], verbs: readOnly }])],
  [clusterRoleBindings, binding(localVolumeKeeper, { kind: 'User', apiGroup: rbac, name: localVolumeKeeper })],
  [
    storageClasses,
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: localProvisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    } as KubeObject,
  ],
] as unknown as readonly (readonly [ResourceRef, KubeObject])[]

/** Makes what is missing; what a user has changed stays as it is. */
export async function offerLocalVolumes(client: Client): Promise<void> {
  await Promise.all(
    wanted.map(async ([ref, object]) => {
      try {
        await client.create(ref, object)
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw error
      }
    }),
  )
}
