import type { ClusterRoleBinding, Role, RoleBinding } from '../../api/types.generated.ts'

/**
 * The rights by which nodes join and renew their certificates, and by which anyone may read cluster-info, as kubeadm
 * grants them (cmd/kubeadm/app/phases/bootstraptoken); and those by which this server asks kubelets.
 */
const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
export const joiningGroup = 'system:bootstrappers:kubeadm:default-node-token'

const clusterBinding = (name: string, role: string, group: string): ClusterRoleBinding => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup, kind: 'Group', name: group }],
})

export const joiningClusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiningGroup),
  clusterBinding(
    'kubeadm:node-autoapprove-bootstrap',
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    joiningGroup,
  ),
  clusterBinding(
    'kubeadm:node-autoapprove-certificate-rotation',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    'system:nodes',
  ),
  {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'kube-apiserver-kubelet-client' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
    subjects: [{ apiGroup, kind: 'User', name: 'kube-apiserver-kubelet-client' }],
  },
]

const clusterInfoReader = 'kubeadm:bootstrap-signer-clusterinfo'

export const joiningRoles: readonly Role[] = [
  {
    apiVersion,
    kind: 'Role',
    metadata: { name: clusterInfoReader, namespace: 'kube-public' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'] }],
  },
]

export const joiningRoleBindings: readonly RoleBinding[] = [
  {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: clusterInfoReader, namespace: 'kube-public' },
    roleRef: { apiGroup, kind: 'Role', name: clusterInfoReader },
    subjects: [{ apiGroup, kind: 'User', name: 'system:anonymous' }],
  },
]
