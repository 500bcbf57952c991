import { createCertificateApproval } from './certificate-approval/plugin.ts'
import { createCertificateSigning } from './certificate-signing/plugin.ts'
import { createCertificateSubjectRestriction } from './certificate-subject-restriction/plugin.ts'
import { createClusterTrustBundleAttest } from './cluster-trust-bundle-attest/plugin.ts'
import { createDefaultIngressClass } from './default-ingress-class/plugin.ts'
import { createDefaultStorageClass } from './default-storage-class/plugin.ts'
import { createDefaultTolerationSeconds } from './default-toleration-seconds/plugin.ts'
import { createDenyServiceExternalIps } from './deny-service-external-ips/plugin.ts'
import { createLimitRanger } from './limit-ranger/plugin.ts'
import { createMutatingAdmissionPolicy } from './mutating-admission-policy/plugin.ts'
import { createMutatingAdmissionWebhook } from './mutating-admission-webhook/plugin.ts'
import { createNamespaceLifecycle } from './namespace-lifecycle/plugin.ts'
import { createNodeRestriction } from './node-restriction/plugin.ts'
import { createPersistentVolumeClaimResize } from './persistent-volume-claim-resize/plugin.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { createPodResize } from './pod-resize/plugin.ts'
import { createPodSecurity } from './pod-security/plugin.ts'
import { createPodTopologyLabels } from './pod-topology-labels/plugin.ts'
import { createPriority } from './priority/plugin.ts'
import { createResourceQuota } from './resource-quota/plugin.ts'
import { createRoleEscalation } from './role-escalation/plugin.ts'
import { createRuntimeClass } from './runtime-class/plugin.ts'
import { createServiceAccount } from './service-account/plugin.ts'
import type { AdmissionServices } from './services.ts'
import { createStorageObjectInUseProtection } from './storage-object-in-use-protection/plugin.ts'
import { createTaintNodesByCondition } from './taint-nodes-by-condition/plugin.ts'
import { createValidatingAdmissionPolicy } from './validating-admission-policy/plugin.ts'
import { createValidatingAdmissionWebhook } from './validating-admission-webhook/plugin.ts'
import { webhookServices } from './webhook/services.ts'

/** All admission plugins that are on, in upstream's order (pkg/kubeapiserver/options/plugins.go). */
export function admissionPlugins(services: AdmissionServices): AdmissionPlugin[] {
  const webhooks = webhookServices(services)
  const policies = { ...services, equivalents: webhooks.equivalents }
  return [
    createNamespaceLifecycle(services),
    createLimitRanger(services),
    createServiceAccount(services),
    createNodeRestriction(services),
    createTaintNodesByCondition(),
    createPodSecurity(services),
    createPriority(services),
    createDefaultTolerationSeconds(),
    createDefaultStorageClass(services),
    createStorageObjectInUseProtection(),
    createPersistentVolumeClaimResize(services),
    createRuntimeClass(services),
    createCertificateApproval(services),
    createCertificateSigning(services),
    createClusterTrustBundleAttest(services),
    createCertificateSubjectRestriction(),
    createDefaultIngressClass(services),
    createDenyServiceExternalIps(),
    createPodTopologyLabels(services),
    createPodResize(services),
    createMutatingAdmissionPolicy(policies),
    createMutatingAdmissionWebhook(webhooks),
    createValidatingAdmissionPolicy(policies),
    createValidatingAdmissionWebhook(webhooks),
    createResourceQuota(services),
    createRoleEscalation(services),
  ]
}
