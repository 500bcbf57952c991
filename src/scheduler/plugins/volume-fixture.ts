import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.generated.ts'
import { bindCompleted } from './volume-binding/claims.ts'

/** Storage objects for tests. */
export function storageClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...more,
  }
}

/** `volumeName`: bound to that volume. */
export function claim(
  name: string,
  spec: PersistentVolumeClaim['spec'] = {},
  metadata: PersistentVolumeClaim['metadata'] = {},
): PersistentVolumeClaim {
  const annotations = spec?.volumeName ? { [bindCompleted]: 'yes', ...metadata.annotations } : metadata.annotations
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: spec?.volumeName ? 'Bound' : 'Pending' },
  }
}

/** `node`: reachable from that host only. */
export function volume(
  name: string,
  options: { node?: string; size?: string; className?: string; labels?: Record<string, string> } = {},
): PersistentVolume {
  const { node, size = '1Gi', className = 'local', labels } = options
  const expression = { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node ?? ''] }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: size },
      storageClassName: className,
      nodeAffinity: node ? { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } : undefined,
    },
    status: { phase: 'Available' },
  }
}
