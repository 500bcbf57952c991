import { createAlwaysAdmit } from './always-admit/plugin.ts'
import { createAlwaysDeny } from './always-deny/plugin.ts'
import { createAlwaysPullImages } from './always-pull-images/plugin.ts'
import { createEventRateLimit, eventRateLimitKind } from './event-rate-limit/plugin.ts'
import { createExtendedResourceToleration } from './extended-resource-toleration/plugin.ts'
import { createImagePolicyWebhook, imagePolicyShape } from './image-policy-webhook/plugin.ts'
import { createLimitPodHardAntiAffinityTopology } from './limit-pod-hard-anti-affinity-topology/plugin.ts'
import { createNamespaceAutoProvision } from './namespace-auto-provision/plugin.ts'
import { createNamespaceExists } from './namespace-exists/plugin.ts'
import { createOwnerReferencesPermissionEnforcement } from './owner-references-permission-enforcement/plugin.ts'
import { createPodNodeSelector, podNodeSelectorShape } from './pod-node-selector/plugin.ts'
import { podSecurityKind, podSecuritySettings } from './pod-security/configuration.ts'
import { createPodTolerationRestriction, podTolerationRestrictionKind } from './pod-toleration-restriction/plugin.ts'
import { type PluginConfiguration, usualSelection, type PluginSelection } from './plugin-selection.ts'
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
import { createPodGroupProtection } from './pod-group-protection/plugin.ts'
import { createPodResize } from './pod-resize/plugin.ts'
import { createPodSecurity } from './pod-security/plugin.ts'
import { createPodTopologyLabels } from './pod-topology-labels/plugin.ts'
import { createPriority } from './priority/plugin.ts'
import { resourceQuotaKind } from './resource-quota/limited-resources.ts'
import { createResourceQuota } from './resource-quota/plugin.ts'
import { createRoleEscalation } from './role-escalation/plugin.ts'
import { createRuntimeClass } from './runtime-class/plugin.ts'
import { createServiceAccount } from './service-account/plugin.ts'
import type { AdmissionServices } from './services.ts'
import { createStorageObjectInUseProtection } from './storage-object-in-use-protection/plugin.ts'
import { createTaintNodesByCondition } from './taint-nodes-by-condition/plugin.ts'
import { createValidatingAdmissionPolicy } from './validating-admission-policy/plugin.ts'
import { createValidatingAdmissionWebhook } from './validating-admission-webhook/plugin.ts'
import { readWebhookCredentials, webhookAdmissionKind } from './webhook/credentials.ts'
import { webhookServices } from './webhook/services.ts'

/** What a plugin is made of: the server's services, and what its users configured. */
interface Making {
  readonly services: AdmissionServices
  readonly webhooks: ReturnType<typeof webhookServices>
  readonly policies: AdmissionServices & Pick<ReturnType<typeof webhookServices>, 'equivalents'>
  readonly configuration: PluginConfiguration | undefined
  readonly tolerationSeconds: PluginSelection['tolerationSeconds']
}
interface RegisteredPlugin {
  readonly name: string
  /** Off unless a user enables it, as upstream has it. */
  readonly off?: true
  /** Does nothing where this feature is off. */
  readonly feature?: string
  readonly create: (making: Making) => AdmissionPlugin
}

/** All admission plugins, in upstream's order (pkg/kubeapiserver/options/plugins.go). */
const registered: readonly RegisteredPlugin[] = [
  { name: 'AlwaysAdmit', off: true, create: () => createAlwaysAdmit() },
  { name: 'NamespaceAutoProvision', off: true, create: ({ services }) => createNamespaceAutoProvision(services) },
  { name: 'NamespaceLifecycle', create: ({ services }) => createNamespaceLifecycle(services) },
  { name: 'NamespaceExists', off: true, create: ({ services }) => createNamespaceExists(services) },
  { name: 'LimitPodHardAntiAffinityTopology', off: true, create: () => createLimitPodHardAntiAffinityTopology() },
  { name: 'LimitRanger', create: ({ services }) => createLimitRanger(services) },
  { name: 'ServiceAccount', create: ({ services }) => createServiceAccount(services) },
  // Off in upstream, where kubeadm enables it; nodes are never without it here.
  { name: 'NodeRestriction', create: ({ services }) => createNodeRestriction(services) },
  { name: 'TaintNodesByCondition', create: () => createTaintNodesByCondition() },
  { name: 'AlwaysPullImages', off: true, create: () => createAlwaysPullImages() },
  {
    name: 'ImagePolicyWebhook',
    off: true,
    create: ({ services, configuration }) =>
      createImagePolicyWebhook(services, configuration?.shaped(imagePolicyShape), configuration?.folder),
  },
  {
    name: 'PodSecurity',
    create({ services, configuration }) {
      const settings = configuration?.ofKind(podSecurityKind)
      return createPodSecurity(services, settings && podSecuritySettings(settings))
    },
  },
  {
    name: 'PodNodeSelector',
    off: true,
    create: ({ services, configuration }) =>
      createPodNodeSelector(services, configuration?.shaped(podNodeSelectorShape)),
  },
  { name: 'Priority', create: ({ services }) => createPriority(services) },
  {
    name: 'DefaultTolerationSeconds',
    create: ({ tolerationSeconds }) => createDefaultTolerationSeconds(tolerationSeconds),
  },
  {
    name: 'PodTolerationRestriction',
    off: true,
    create: ({ services, configuration }) =>
      createPodTolerationRestriction(services, configuration?.ofKind(podTolerationRestrictionKind)),
  },
  {
    name: 'EventRateLimit',
    off: true,
    create: ({ services, configuration }) => createEventRateLimit(services, configuration?.ofKind(eventRateLimitKind)),
  },
  { name: 'ExtendedResourceToleration', off: true, create: () => createExtendedResourceToleration() },
  { name: 'DefaultStorageClass', create: ({ services }) => createDefaultStorageClass(services) },
  { name: 'StorageObjectInUseProtection', create: () => createStorageObjectInUseProtection() },
  // On in upstream, whose controller takes the finalizer off again; pods are of no group here that it could protect.
  {
    name: 'PodGroupProtection',
    off: true,
    feature: 'GenericWorkload',
    create: () => createPodGroupProtection(),
  },
  {
    name: 'OwnerReferencesPermissionEnforcement',
    off: true,
    create: ({ services }) => createOwnerReferencesPermissionEnforcement(services),
  },
  { name: 'PersistentVolumeClaimResize', create: ({ services }) => createPersistentVolumeClaimResize(services) },
  { name: 'RuntimeClass', create: ({ services }) => createRuntimeClass(services) },
  { name: 'CertificateApproval', create: ({ services }) => createCertificateApproval(services) },
  { name: 'CertificateSigning', create: ({ services }) => createCertificateSigning(services) },
  {
    name: 'ClusterTrustBundleAttest',
    feature: 'ClusterTrustBundle',
    create: ({ services }) => createClusterTrustBundleAttest(services),
  },
  { name: 'CertificateSubjectRestriction', create: () => createCertificateSubjectRestriction() },
  { name: 'DefaultIngressClass', create: ({ services }) => createDefaultIngressClass(services) },
  // Off in upstream, where CVE-2020-8554 stays open by default.
  { name: 'DenyServiceExternalIPs', create: () => createDenyServiceExternalIps() },
  {
    name: 'PodTopologyLabels',
    feature: 'PodTopologyLabelsAdmission',
    create: ({ services }) => createPodTopologyLabels(services),
  },
  { name: 'PodResizeValidator', create: ({ services }) => createPodResize(services) },
  {
    name: 'MutatingAdmissionPolicy',
    feature: 'MutatingAdmissionPolicy',
    create: ({ policies }) => createMutatingAdmissionPolicy(policies),
  },
  {
    name: 'MutatingAdmissionWebhook',
    create: (making) => createMutatingAdmissionWebhook(webhooksAsConfigured(making)),
  },
  { name: 'ValidatingAdmissionPolicy', create: ({ policies }) => createValidatingAdmissionPolicy(policies) },
  {
    name: 'ValidatingAdmissionWebhook',
    create: (making) => createValidatingAdmissionWebhook(webhooksAsConfigured(making)),
  },
  {
    name: 'ResourceQuota',
    create: ({ services, configuration }) =>
      createResourceQuota(services, configuration?.ofKind(resourceQuotaKind).limitedResources),
  },
  { name: 'AlwaysDeny', off: true, create: () => createAlwaysDeny() },
]
function webhooksAsConfigured({ webhooks, services, configuration }: Making): Making['webhooks'] {
  if (configuration === undefined) return webhooks
  const credentials = readWebhookCredentials(configuration.ofKind(webhookAdmissionKind), services.clock)
  return { ...webhooks, client: webhooks.client.as(credentials) }
}

export const pluginNames: readonly string[] = registered.map(({ name }) => name)

/** The plugins that are on, in order. Throws an Error, one sentence, when a configuration is wrong. */
export function admissionPlugins(
  services: AdmissionServices,
  selection: PluginSelection = usualSelection,
): AdmissionPlugin[] {
  const { enabled, disabled, configurations, tolerationSeconds } = selection
  const webhooks = webhookServices(services)
  const policies = { ...services, equivalents: webhooks.equivalents }
  const chosen = registered.filter(
    ({ name, off, feature }) =>
      !disabled.includes(name) &&
      (!off || enabled.includes(name)) &&
      (feature === undefined || services.enabled(feature)),
  )
  return [
    ...chosen.map(({ name, create }) => {
      try {
        return create({ services, webhooks, policies, configuration: configurations.get(name), tolerationSeconds })
      } catch (error) {
        throw new Error(`failed to initialize admission plugin ${name}: ${(error as Error).message}`, { cause: error })
      }
    }),
    // No plugin of upstream's but part of its storage of roles: nobody switches it off.
    createRoleEscalation(services),
  ]
}
