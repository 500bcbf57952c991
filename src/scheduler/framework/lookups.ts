import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  VolumeAttachment,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  ResourceSlice,
  Service,
  StatefulSet,
  StorageClass,
} from '../../api/types.generated.ts'

import type { ClaimTracker } from '../plugins/dynamic-resources/claim-tracker.ts'

/** What plugins read beside pods and nodes: local copies, always there. */
export interface Lookups {
  node(name: string): Node | undefined
  namespace(name: string): Namespace | undefined
  namespaces(): readonly Namespace[]
  services(namespace: string): readonly Service[]
  replicationController(namespace: string, name: string): ReplicationController | undefined
  replicaSet(namespace: string, name: string): ReplicaSet | undefined
  statefulSet(namespace: string, name: string): StatefulSet | undefined
  disruptionBudgets(): readonly PodDisruptionBudget[]
  claim(key: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  volumes(): readonly PersistentVolume[]
  storageClass(name: string): StorageClass | undefined
  csiNode(name: string): CSINode | undefined
  csiDriver(name: string): CSIDriver | undefined
  storageCapacities(): readonly CSIStorageCapacity[]
  attachments(node: string): readonly VolumeAttachment[]
  /** Claims for devices, with what the scheduler has decided about them. */
  readonly deviceClaims: ClaimTracker
  deviceClass(name: string): DeviceClass | undefined
  deviceClasses(): readonly DeviceClass[]
  resourceSlices(): readonly ResourceSlice[]
}
