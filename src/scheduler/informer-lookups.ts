import { defaultFeatureGates } from '../api/features/feature-gates.ts'
import { replicaSets } from '../api/apps/v1/replica-set.ts'
import { statefulSets } from '../api/apps/v1/stateful-set.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { persistentVolumeClaims } from '../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../api/core/v1/persistent-volume.ts'
import { replicationControllers } from '../api/core/v1/replication-controller.ts'
import { services } from '../api/core/v1/service.ts'
import { podDisruptionBudgets } from '../api/policy/v1/pod-disruption-budget.ts'
import { deviceClasses } from '../api/resource/v1/device-class.ts'
import { resourceClaims } from '../api/resource/v1/resource-claim.ts'
import { resourceSlices } from '../api/resource/v1/resource-slice.ts'
import { csiDrivers } from '../api/storage/v1/csi-driver.ts'
import { csiNodes } from '../api/storage/v1/csi-node.ts'
import { csiStorageCapacities } from '../api/storage/v1/csi-storage-capacity.ts'
import { storageClasses } from '../api/storage/v1/storage-class.ts'
import { volumeAttachments } from '../api/storage/v1/volume-attachment.ts'
import type { VolumeAttachment } from '../api/types.generated.ts'
import type { InformerFactory } from '../client/informer.ts'
import type { SchedulerCache } from './cache/scheduler-cache.ts'
import type { Lookups } from './framework/lookups.ts'
import { ClaimTracker } from './plugins/dynamic-resources/claim-tracker.ts'

const attachmentsOfNode = 'attachmentsOfNode'

/** The local copies that the plugins read. */
export function informerLookups(informers: InformerFactory, cache: SchedulerCache) {
  const sources = {
    namespaces: informers.for(namespaces),
    services: informers.for(services),
    replicationControllers: informers.for(replicationControllers),
    replicaSets: informers.for(replicaSets),
    statefulSets: informers.for(statefulSets),
    podDisruptionBudgets: informers.for(podDisruptionBudgets),
    persistentVolumeClaims: informers.for(persistentVolumeClaims),
    persistentVolumes: informers.for(persistentVolumes),
    storageClasses: informers.for(storageClasses),
    csiNodes: informers.for(csiNodes),
    csiDrivers: informers.for(csiDrivers),
    storageCapacities: informers.for(csiStorageCapacities),
    volumeAttachments: informers.for(volumeAttachments),
    resourceClaims: informers.for(resourceClaims),
    deviceClasses: informers.for(deviceClasses),
    resourceSlices: informers.for(resourceSlices),
  }
  sources.volumeAttachments.addIndex(attachmentsOfNode, ({ spec }: VolumeAttachment) => [spec.nodeName])
  const lookups: Lookups = {
    node: (name) => cache.node(name)?.node,
    namespace: (name) => sources.namespaces.get(name),
    namespaces: () => sources.namespaces.list(),
    services: (namespace) => sources.services.byIndex('namespace', namespace),
    replicationController: (namespace, name) => sources.replicationControllers.get(`${namespace}/${name}`),
    replicaSet: (namespace, name) => sources.replicaSets.get(`${namespace}/${name}`),
    statefulSet: (namespace, name) => sources.statefulSets.get(`${namespace}/${name}`),
    disruptionBudgets: () => sources.podDisruptionBudgets.list(),
    claim: (key) => sources.persistentVolumeClaims.get(key),
    volume: (name) => sources.persistentVolumes.get(name),
    volumes: () => sources.persistentVolumes.list(),
    storageClass: (name) => sources.storageClasses.get(name),
    csiNode: (name) => sources.csiNodes.get(name),
    csiDriver: (name) => sources.csiDrivers.get(name),
    storageCapacities: () => sources.storageCapacities.list(),
    attachments: (node) => sources.volumeAttachments.byIndex(attachmentsOfNode, node),
    deviceClaims: new ClaimTracker(defaultFeatureGates.enabled('DRAConsumableCapacity')),
    deviceClass: (name) => sources.deviceClasses.get(name),
    deviceClasses: () => sources.deviceClasses.list(),
    resourceSlices: () => sources.resourceSlices.list(),
  }
  return { lookups, sources }
}
