import { daemonSetController } from './daemonset/controller.ts'
import { deploymentController } from './deployment/controller.ts'
import { disruptionController } from './disruption/controller.ts'
import { endpointController } from './endpoint/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { endpointSliceMirroringController } from './endpointslicemirroring/controller.ts'
import { garbageCollector } from './garbagecollector/controller.ts'
import { namespaceController } from './namespace/controller.ts'
import { resourceQuotaController } from './resourcequota/controller.ts'
import { rootCaController } from './rootca/controller.ts'
import { serviceAccountController } from './serviceaccount/controller.ts'
import { nodeIpamController } from './nodeipam/controller.ts'
import { jobController, jobOrphansController } from './job/controller.ts'
import { cronJobController } from './cronjob/controller.ts'
import { ttlAfterFinishedController } from './ttlafterfinished/controller.ts'
import { nodeLifecycleController } from './nodelifecycle/controller.ts'
import { taintEvictionController } from './tainteviction/controller.ts'
import { podGarbageCollector } from './podgc/controller.ts'
import { replicaSetController } from './replicaset/controller.ts'
import { replicationController } from './replicationcontroller/controller.ts'
import { statefulSetController } from './statefulset/controller.ts'
import {
  claimProtectionController,
  volumeAttributesClassProtectionController,
  volumeProtectionController,
} from './volumeprotection/controllers.ts'
import { serviceAccountTokenController } from './serviceaccounttokens/controller.ts'
import { legacyTokenCleaner } from './legacytokencleaner/controller.ts'
import { clusterRoleAggregationController } from './clusterroleaggregation/controller.ts'
import { certificateApprover, certificateCleaner, certificateSigner } from './certificates/controller.ts'
import { kubeletServingApprover } from './certificates/serving-approver.ts'
import { bootstrapSigner, tokenCleaner } from './bootstrap/controller.ts'
import { ttlController } from './ttl/controller.ts'
import { persistentVolumeController } from './persistentvolume/controller.ts'
import { deviceTaintEvictionController } from './devicetainteviction/controller.ts'
import { resourceClaimController } from './resourceclaim/controller.ts'
import { attachDetachController } from './attachdetach/controller.ts'
import { volumeExpandController } from './volumeexpand/controller.ts'
import { localVolumeProvisioner } from './localvolumes/controller.ts'
import { ephemeralVolumeController } from './ephemeralvolume/controller.ts'
import { podAutoscalerController } from './podautoscaler/controller.ts'
import { clusterTrustBundlePublisher } from './clustertrustbundle/controller.ts'
import { podCertificateRequestCleaner } from './podcertificates/controller.ts'
import { serviceCidrController } from './servicecidrs/controller.ts'
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicystatus/controller.ts'
import { storageVersionMigrator } from './storageversionmigrator/controller.ts'
import type { Controller } from './runtime/controller.ts'

/** All controllers, in the order in which they start. */
export const controllers: readonly Controller[] = [
  namespaceController,
  serviceAccountController,
  serviceAccountTokenController,
  legacyTokenCleaner,
  rootCaController,
  clusterTrustBundlePublisher,
  clusterRoleAggregationController,
  certificateApprover,
  kubeletServingApprover,
  certificateSigner,
  certificateCleaner,
  podCertificateRequestCleaner,
  bootstrapSigner,
  tokenCleaner,
  nodeIpamController,
  serviceCidrController,
  nodeLifecycleController,
  taintEvictionController,
  deviceTaintEvictionController,
  ttlController,
  replicaSetController,
  replicationController,
  deploymentController,
  daemonSetController,
  statefulSetController,
  endpointController,
  endpointSliceController,
  endpointSliceMirroringController,
  garbageCollector,
  jobController,
  jobOrphansController,
  ttlAfterFinishedController,
  cronJobController,
  podGarbageCollector,
  podAutoscalerController,
  disruptionController,
  resourceQuotaController,
  persistentVolumeController,
  localVolumeProvisioner,
  attachDetachController,
  volumeExpandController,
  ephemeralVolumeController,
  resourceClaimController,
  claimProtectionController,
  volumeProtectionController,
  volumeAttributesClassProtectionController,
  validatingAdmissionPolicyStatusController,
  storageVersionMigrator,
]
