import { dropGatedFields, type GatedFields, type GatedTable } from '../../machinery/schema/gated-fields.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { FeatureEnabled } from './feature-gates.ts'

/** Of a type, by gate: its fields, or more of how they are dropped. */
type Declared = readonly string[] | Omit<GatedFields, 'gate' | 'within'>

/**
 * Which field belongs to which feature: one line each, from which follows for every verb, subresource and patch of every
 * kind that is made of the type, that what is sent in the field is dropped while the feature is off, unless the old
 * object of the type uses it (pkg/api/pod/util.go dropDisabledFields, dropDisabledPodStatusFields; the strategies in
 * pkg/registry). Features that cannot be switched have no line.
 */
const byType: Readonly<Record<string, readonly (readonly [gate: string, declared: Declared])[]>> = {
  'io.k8s.api.core.v1.PodSpec': [
    [
      'PodLevelResources',
      {
        fields: ['PodSpec.resources'],
        isUse: (value) => hasMembers(value, 'requests') || hasMembers(value, 'limits'),
      },
    ],
    ['MatchLabelKeysInPodTopologySpread', ['TopologySpreadConstraint.matchLabelKeys']],
    ['ClusterTrustBundleProjection', ['VolumeProjection.clusterTrustBundle']],
    ['PodCertificateRequest', ['VolumeProjection.podCertificate']],
    [
      'AtomicWriteVolumeUserFields',
      [
        'SecretVolumeSource.defaultUser',
        'ConfigMapVolumeSource.defaultUser',
        'DownwardAPIVolumeSource.defaultUser',
        'ProjectedVolumeSource.defaultUser',
        'KeyToPath.user',
        'DownwardAPIVolumeFile.user',
        'ServiceAccountTokenProjection.user',
        'ClusterTrustBundleProjection.user',
        'PodCertificateProjection.user',
      ],
    ],
    ['GenericWorkload', ['PodSpec.schedulingGroup']],
    ['GRPCContainerProbeTLS', ['GRPCAction.mode']],
    ['EvictionRequestAPI', ['PodSpec.evictionResponders']],
    [
      'ContainerRestartRules',
      {
        fields: [
          'Container.restartPolicy',
          'Container.restartPolicyRules',
          'EphemeralContainer.restartPolicy',
          'EphemeralContainer.restartPolicyRules',
        ],
        keptBy: ['Container.restartPolicy', 'Container.restartPolicyRules'],
        // That of sidecars is older than the feature.
        means: (value, [list]) => list !== 'initContainers' || value !== 'Always',
      },
    ],
    ['EmptyDirVolumeMode', ['EmptyDirVolumeSource.mode']],
    ['VolumeBindMountOptions', ['VolumeMount.bindMountOptions']],
    ['EnvFiles', ['EnvVarSource.fileKeyRef']],
    ['ContainerStopSignals', { fields: ['Lifecycle.stopSignal'], withHolder: true }],
    ['H2CContainerProbe', ['HTTPGetAction.protocol']],
  ],
  'io.k8s.api.core.v1.PodStatus': [
    ['InPlacePodLevelResourcesVerticalScaling', ['PodStatus.resources', 'PodStatus.allocatedResources']],
    ['ResourceHealthStatus', ['ContainerStatus.allocatedResourcesStatus']],
    ['ResourceHealthStatusMessage', ['ResourceHealth.message']],
    ['ImageVolumeWithDigest', ['VolumeMountStatus.volumeStatus']],
    ['DRANodeAllocatableResources', ['PodStatus.nodeAllocatableResourceClaimStatuses']],
    ['CSIVolumeHealth', ['PodStatus.volumeHealth']],
  ],
  'io.k8s.api.core.v1.PersistentVolumeClaim': [
    // Claims in templates keep it.
    ['CSIVolumeHealth', { fields: ['PersistentVolumeClaimStatus.healthStatus'], root: true }],
    [
      'CrossNamespaceVolumeDataSource',
      {
        fields: ['PersistentVolumeClaimSpec.dataSourceRef'],
        root: true,
        means: (value) => Boolean((value as { readonly namespace?: string } | undefined)?.namespace),
      },
    ],
  ],
  'io.k8s.api.core.v1.Node': [
    ['InPlacePodVerticalScalingSchedulerPreemption', ['NodeSpec.podPreemptionPolicy']],
    ['KubeletInUserNamespace', { fields: ['NodeSystemInfo.runningInUserNamespace'], door: 'status' }],
  ],
  'io.k8s.api.batch.v1.JobSpec': [['WorkloadWithJob', ['JobSpec.scheduling']]],
  'io.k8s.api.apps.v1.StatefulSet': [
    ['MaxUnavailableStatefulSet', ['RollingUpdateStatefulSetStrategy.maxUnavailable']],
  ],
  'io.k8s.api.apps.v1.DeploymentStatus': [
    ['DeploymentReplicaSetTerminatingReplicas', ['DeploymentStatus.terminatingReplicas']],
  ],
  'io.k8s.api.apps.v1.ReplicaSetStatus': [
    ['DeploymentReplicaSetTerminatingReplicas', ['ReplicaSetStatus.terminatingReplicas']],
  ],
  'io.k8s.api.storage.v1.CSIDriverSpec': [['VolumeLimitScaling', ['CSIDriverSpec.preventPodSchedulingIfMissing']]],
  'io.k8s.api.storage.v1.CSINodeStatus': [['CSIVolumeHealth', ['CSINodeStatus.storageHealth']]],
  'io.k8s.api.coordination.v1.LeaseSpec': [
    ['CoordinatedLeaderElection', ['LeaseSpec.strategy']],
    ['CoordinatedLeaderElection', ['LeaseSpec.preferredHolder']],
  ],
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': [
    [
      'CRDObservedGenerationTracking',
      ['CustomResourceDefinitionStatus.observedGeneration', 'CustomResourceDefinitionCondition.observedGeneration'],
    ],
  ],
  'io.k8s.api.resource.v1.ResourceClaimSpec': [
    [
      'DRAConsumableCapacity',
      ['DeviceConstraint.distinctAttribute', 'ExactDeviceRequest.capacity', 'DeviceSubRequest.capacity'],
    ],
    ['DRADerivedAttributes', ['ExactDeviceRequest.derivedAttributes', 'DeviceSubRequest.derivedAttributes']],
  ],
  'io.k8s.api.resource.v1.ResourceClaim': [
    [
      'DRAConsumableCapacity',
      {
        fields: [
          'DeviceRequestAllocationResult.shareID',
          'DeviceRequestAllocationResult.consumedCapacity',
          'AllocatedDeviceStatus.shareID',
        ],
        keptBy: [
          'DeviceRequestAllocationResult.shareID',
          'DeviceRequestAllocationResult.consumedCapacity',
          'AllocatedDeviceStatus.shareID',
          'DeviceConstraint.distinctAttribute',
          'ExactDeviceRequest.capacity',
          'DeviceSubRequest.capacity',
        ],
      },
    ],
    [
      'DRADeviceBindingConditions',
      ['DeviceRequestAllocationResult.bindingConditions', 'DeviceRequestAllocationResult.bindingFailureConditions'],
    ],
    ['DRAOptionalNodeOperations', ['DeviceRequestAllocationResult.skipNodeOperations']],
  ],
  'io.k8s.api.resource.v1.ResourceSliceSpec': [
    [
      'DRAPartitionableDevices',
      [
        'ResourceSliceSpec.sharedCounters',
        'ResourceSliceSpec.perDeviceNodeSelection',
        'Device.consumesCounters',
        'Device.nodeName',
        'Device.nodeSelector',
        'Device.allNodes',
      ],
    ],
    [
      'DRADeviceBindingConditions',
      ['Device.bindingConditions', 'Device.bindingFailureConditions', 'Device.bindsToNode'],
    ],
    ['DRAConsumableCapacity', ['Device.allowMultipleAllocations', 'DeviceCapacity.requestPolicy']],
    ['DRADeviceCompatibilityGroups', ['DeviceCounterConsumption.compatibilityGroups']],
    ['DRANodeAllocatableResources', ['Device.nodeAllocatableResources']],
    [
      'DRAListTypeAttributes',
      ['DeviceAttribute.bools', 'DeviceAttribute.ints', 'DeviceAttribute.strings', 'DeviceAttribute.versions'],
    ],
    ['DRAPartitionableDevicesType', ['ResourceSliceSpec.partitionTypeAttribute']],
    ['DRAOptionalNodeOperations', ['ResourceSliceSpec.skipNodeOperations']],
  ],
  'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec': [
    ['DRAPartitionableDevicesType', ['ResourcePoolStatusRequestSpec.defaultPartitionTypeAttribute']],
  ],
  'io.k8s.api.scheduling.v1beta1.PodGroupSpec': [
    ['TopologyAwareWorkloadScheduling', ['PodGroupSpec.schedulingConstraints']],
    ['DRAWorkloadResourceClaims', ['PodGroupSpec.resourceClaims']],
    ['PodGroupPreemptionPolicy', ['PodGroupSpec.preemptionPolicy']],
    ['CompositePodGroup', ['PodGroupSpec.parentCompositePodGroupName']],
  ],
  'io.k8s.api.scheduling.v1beta1.PodGroup': [
    [
      'DRAWorkloadResourceClaims',
      {
        fields: ['PodGroupStatus.resourceClaimStatuses'],
        keptBy: ['PodGroupSpec.resourceClaims'],
        door: 'status',
      },
    ],
  ],
  'io.k8s.api.scheduling.v1beta1.PodGroupTemplate': [
    ['TopologyAwareWorkloadScheduling', ['PodGroupTemplate.schedulingConstraints']],
    ['DRAWorkloadResourceClaims', ['PodGroupTemplate.resourceClaims']],
    ['PodGroupPreemptionPolicy', ['PodGroupTemplate.preemptionPolicy']],
  ],
  'io.k8s.api.scheduling.v1beta1.WorkloadSpec': [['CompositePodGroup', ['WorkloadSpec.compositePodGroupTemplates']]],
  'io.k8s.api.scheduling.v1beta1.CompositePodGroupTemplate': [
    ['PodGroupPreemptionPolicy', ['CompositePodGroupTemplate.preemptionPolicy']],
    ['CompositePodGroup', ['CompositePodGroupTemplate.compositePodGroupTemplates']],
  ],
  'io.k8s.api.scheduling.v1alpha3.CompositePodGroupSpec': [
    ['PodGroupPreemptionPolicy', ['CompositePodGroupSpec.preemptionPolicy']],
  ],
}

function hasMembers(value: unknown, member: string): boolean {
  const members = (value as Readonly<Record<string, object>> | undefined)?.[member]
  return members !== undefined && Object.keys(members).length > 0
}

export const gatedFields: GatedTable = {
  fields: Object.entries(byType).flatMap(([within, gates]) =>
    gates.map(([gate, declared]) => ({
      gate,
      within,
      ...('fields' in declared ? declared : { fields: declared }),
    })),
  ),
  pairedByName: new Set(['io.k8s.api.scheduling.v1beta1.CompositePodGroupTemplate']),
}

/** Takes what belongs to features that are off out of a draft of a kind with this schema. */
export function dropDisabledFields(
  schema: Schema,
  enabled: FeatureEnabled,
  draft: object,
  old?: object,
  door = '',
): void {
  dropGatedFields(schema, gatedFields, enabled, draft, old, door)
}
