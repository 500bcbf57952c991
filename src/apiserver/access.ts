import type { TlsOptions } from 'node:tls'
import type { ResourceDefinition } from '../api/definition.ts'
import type { UserInfo } from '../api/user.ts'
import { mutatingAdmissionPolicies } from '../api/admissionregistration/v1/mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindings } from '../api/admissionregistration/v1/mutating-admission-policy-binding.ts'
import { mutatingWebhookConfigurations } from '../api/admissionregistration/v1/mutating-webhook-configuration.ts'
import { validatingAdmissionPolicies } from '../api/admissionregistration/v1/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '../api/admissionregistration/v1/validating-admission-policy-binding.ts'
import { validatingWebhookConfigurations } from '../api/admissionregistration/v1/validating-webhook-configuration.ts'
import { podCertificateRequests } from '../api/certificates/v1/pod-certificate-request.ts'
import { configMaps } from '../api/core/v1/config-map.ts'
import { endpoints } from '../api/core/v1/endpoints.ts'
import { limitRanges } from '../api/core/v1/limit-range.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { nodes } from '../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../api/core/v1/persistent-volume.ts'
import { pods } from '../api/core/v1/pod.ts'
import { resourceQuotas } from '../api/core/v1/resource-quota.ts'
import { secrets } from '../api/core/v1/secret.ts'
import { serviceAccounts } from '../api/core/v1/service-account.ts'
import { services } from '../api/core/v1/service.ts'
import { endpointSlices } from '../api/discovery/v1/endpoint-slice.ts'
import { defaultFeatureGates, type FeatureGates } from '../api/features/feature-gates.ts'
import { flowSchemas } from '../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../api/flowcontrol/v1/priority-level-configuration.ts'
import { ingressClasses } from '../api/networking/v1/ingress-class.ts'
import { ipAddresses } from '../api/networking/v1/ip-address.ts'
import { serviceCidrs } from '../api/networking/v1/service-cidr.ts'
import { runtimeClasses } from '../api/node/v1/runtime-class.ts'
import { clusterRoleBindings } from '../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../api/rbac/v1/cluster-role.ts'
import { roleBindings } from '../api/rbac/v1/role-binding.ts'
import { roles } from '../api/rbac/v1/role.ts'
import { resourceSlices } from '../api/resource/v1/resource-slice.ts'
import { priorityClasses } from '../api/scheduling/v1/priority-class.ts'
import { csiDrivers } from '../api/storage/v1/csi-driver.ts'
import { storageClasses } from '../api/storage/v1/storage-class.ts'
import { volumeAttachments } from '../api/storage/v1/volume-attachment.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import type { AdmissionPlugin } from './admission/plugin.ts'
import { admissionPlugins } from './admission/plugins.ts'
import { PolicyMetrics } from './admission/policy/policy-metrics.ts'
import { WebhookMetrics } from './admission/webhook/webhook-metrics.ts'
import { createWebhookClient, type WebhookClient } from './admission/webhook/webhook-client.ts'
import { AuditMetrics } from './audit/audit-metrics.ts'
import { type Audit, createAudit } from './audit/audit.ts'
import { createBearerTokenAuthenticator, createWebSocketTokenAuthenticator } from './authentication/bearer-token.ts'
import { byAuthorities } from './authentication/by-authorities.ts'
import { createBootstrapTokenAuthenticator } from './authentication/bootstrap-token.ts'
import { type AnonymousOptions, createAuthenticationChain } from './authentication/chain.ts'
import { createClientCertificateAuthenticator } from './authentication/client-certificate.ts'
import { CredentialMetrics } from './authentication/credential-metrics.ts'
import { createFrontProxyAuthenticator } from './authentication/front-proxy.ts'
import { createServiceAccountTokenAuthenticator } from './authentication/service-account-token.ts'
import { dateOf, noteLegacyTokenUse } from './authentication/legacy-token-use.ts'
import { createStaticTokenAuthenticator } from './authentication/static-token.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { AuthorizationDecisions } from './authorization/decision-metrics.ts'
import { createNodeAuthorizer } from './authorization/node/node-authorizer.ts'
import { GraphMetrics } from './authorization/node/graph-metrics.ts'
import { createNodeGraph } from './authorization/node/node-graph.ts'
import { createPrivilegedGroupAuthorizer } from './authorization/privileged-group.ts'
import { createRbacAuthorizer, type RuleResolver } from './authorization/rbac/rbac-authorizer.ts'
import { createRoleIndex } from './authorization/rbac/role-index.ts'
import type { Reviews } from './authorization/review.ts'
import { createUnionAuthorizer } from './authorization/union.ts'
import { bootstrapObjects, keepConfigMap } from './bootstrap/bootstrap.ts'
import { clusterInfo, extensionAuthentication, legacyTokenTracking } from './bootstrap/cluster-objects.ts'
import { nodeRules } from './bootstrap/rbac-policy.ts'
import { usualEncryption } from './encryption/usual-encryption.ts'
import type { Encryption } from './encryption/encryption.ts'
import type { HealthCheck } from './endpoints/health.ts'
import { addOpenid } from './endpoints/openid.ts'
import { createFairness } from './fairness/create-fairness.ts'
import type { Fairness } from './fairness/fairness.ts'
import { createMaxInFlight } from './fairness/max-in-flight.ts'
import { keepFlowSchemaStatus } from './fairness/flow-schema-status.ts'
import type { ObjectWriter } from './object-writer.ts'
import type { AccessConfiguration } from './options/access-configuration.ts'
import { type ProtocolOptions, protocolOptions } from './options/protocol-options.ts'
import { usualFrontProxy } from './options/front-proxy-options.ts'
import type { Pki } from './pki/pki.ts'
import { authoritiesPem, createTrust, type Trust } from './pki/trust.ts'
import { createAccessReviews } from './reviews/access-review.ts'
import { createSelfSubjectReview } from './reviews/self-subject-review.ts'
import { createTokenReview } from './reviews/token-review.ts'
import type { PathRouter } from './routing/path-router.ts'
import type { ResourceMap } from './routing/resource-map.ts'
import { createServerLister, type ServerLister } from './server-lister.ts'
import { tokenSettings } from './tokens/token-settings.ts'
import { createTokenIssuer, type ServiceAccountTokenIssuer } from './tokens/service-account-token-issuer.ts'

/** As whom the server writes on its own behalf. */
export const serverUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }
export { defaultIssuer } from './tokens/token-settings.ts'

export interface AccessOptions {
  readonly pki: Pki
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Where it is counted what credentials are shown and who decides. Default: one of its own. */
  readonly metrics?: MetricsRegistry
  /** Default: anonymous requests are served, as system:anonymous. */
  readonly anonymous?: AnonymousOptions
  /** Fixed bearer tokens; default none. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>
  /** What users chose; default nothing. */
  readonly configuration?: AccessConfiguration
  /** Default: as the release has them. */
  readonly features?: FeatureGates
  /** Whose certificates count, as files change it. Default: as they are now; stopped with access control. */
  readonly trust?: Trust
  /** How many requests are served at once, and how long others wait for that; default as upstream. */
  readonly protocol?: Pick<ProtocolOptions, 'inFlight' | 'requestTimeoutMs'>
}

/**
 * Who may do what: everything that stands between a connection and a handler, made of one {@link Pki} and the server's
 * own state. Made first, handed to `createApiServer`, then connected to it:
 *
 *     const access = createAccess({ pki, clock, random, log })
 *     const server = createApiServer({ ...access.serverOptions, store, kinds, clock, random, log })
 *     access.addPaths(server.paths, () => server.address)
 *     await server.start()
 *     await access.connect(server.resources, createClient(server.inProcess(serverUser)))
 *     await access.bootstrap()
 */
export interface Access {
  readonly serverOptions: {
    readonly authentication: ReturnType<typeof createAuthenticationChain>
    readonly authorizer: Authorizer
    readonly audit?: Audit
    readonly fairness: Fairness
    readonly admission: readonly AdmissionPlugin[]
    readonly tokenIssuer: ServiceAccountTokenIssuer
    readonly lister: ServerLister
    readonly reviews: Reviews
    /** Secrets are encrypted at rest, where users chose nothing else. */
    readonly encryption: Encryption
    readonly readyChecks: readonly HealthCheck[]
  }
  readonly rules: RuleResolver
  readonly webhookClient: WebhookClient
  /** For the server's TLS port; `hosts`: its names and addresses, see apiServerHosts. Asking again renews. */
  tls(hosts: readonly string[]): TlsOptions
  /** Fills what decisions are made from. Until then nobody but system:masters may do anything. */
  connect(resources: ResourceMap, writer: ObjectWriter): Promise<void>
  /** Serves the discovery of OpenID; before the server starts. `origin`: where it is found, `https://host:port`. */
  addPaths(paths: PathRouter, origin: () => string): void
  /** Makes what every cluster has. `server`: where machines that join find it; without it none may. */
  bootstrap(options?: { readonly server?: string }): Promise<void>
  /** Tells extension API servers whose certificates count now. */
  publishTrust(): Promise<void>
  stop(): Promise<void>
}

/** What access control reads: their caches are filled by `connect`. */
const followed: readonly ResourceDefinition[] = [
  namespaces,
  roles,
  clusterRoles,
  roleBindings,
  clusterRoleBindings,
  configMaps,
  limitRanges,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  endpoints,
  endpointSlices,
  flowSchemas,
  priorityLevelConfigurations,
  ingressClasses,
  ipAddresses,
  runtimeClasses,
  podCertificateRequests,
  resourceSlices,
  priorityClasses,
  csiDrivers,
  serviceCidrs,
  storageClasses,
  volumeAttachments,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
] as unknown as readonly ResourceDefinition[]

export function createAccess(options: AccessOptions): Access {
  const { pki, clock, random, log, configuration = {}, features = defaultFeatureGates } = options
  const readsUid = features.enabled('AllowParsingUserUIDFromCertAuth')
  const staticTokens = options.staticTokens ?? configuration.staticTokens ?? new Map<string, UserInfo>()
  const anonymous = options.anonymous ?? configuration.authentication?.anonymous ?? { enabled: true }
  const settings = configuration.tokens ?? tokenSettings({})
  const { issuers, audiences, jwksUri } = settings
  const [issuer] = issuers
  const proxies = configuration.frontProxy ?? usualFrontProxy
  const trust = options.trust ?? createTrust({ pki, frontProxyFile: proxies.authorityFile, clock, log })
  const lister = createServerLister()
  let connectedWriter: ObjectWriter | undefined
  let served: ResourceMap | undefined
  let endFlowSchemaStatus = () => {}
  const writerNow = () => {
    if (connectedWriter === undefined) throw new Error('access control is not connected to its server yet')
    return connectedWriter
  }
  const writer: ObjectWriter = {
    create: (...parameters) => writerNow().create(...parameters),
    update: (...parameters) => writerNow().update(...parameters),
    patch: (...parameters) => writerNow().patch(...parameters),
    delete: (...parameters) => writerNow().delete(...parameters),
  }

  const registry = options.metrics ?? new MetricsRegistry()
  const metrics = new CredentialMetrics(registry)
  // What is not told is counted as well: nothing.
  if (configuration.audit === undefined) new AuditMetrics(registry, log)
  const keys = pki.serviceAccountKeys
  const tokens = [
    ...(staticTokens.size > 0 ? [createStaticTokenAuthenticator(staticTokens)] : []),
    createServiceAccountTokenAuthenticator({
      keys,
      issuers,
      audiences,
      lister,
      clock,
      metrics,
      legacyTokenUsed: noteLegacyTokenUse({ writer, clock, log: log.child({ component: 'authentication' }) }),
    }),
    ...(configuration.bootstrapTokens === false ? [] : [createBootstrapTokenAuthenticator({ lister, clock })]),
    ...(configuration.authentication?.tokens ?? []),
  ]
  const authentication = createAuthenticationChain({
    authenticators: [
      byAuthorities(
        'front-proxy',
        () => trust.current.frontProxy,
        (authority) => createFrontProxyAuthenticator({ authority, proxies, clock }),
      ),
      byAuthorities(
        'client-certificate',
        () => trust.current.clients,
        (authority) => createClientCertificateAuthenticator({ authority, clock, metrics, readsUid }),
      ),
      createBearerTokenAuthenticator(tokens),
      createWebSocketTokenAuthenticator(tokens),
    ],
    anonymous,
    log: log.child({ component: 'authentication' }),
  })

  const index = createRoleIndex(lister)
  const graph = createNodeGraph(lister, new GraphMetrics(registry, clock))
  const rbac = createRbacAuthorizer(index)
  const decisions = new AuthorizationDecisions(registry)
  const countedRbac = decisions.counted('RBAC', 'rbac', rbac)
  const node = decisions.counted(
    'Node',
    'node',
    createNodeAuthorizer({ graph, nodeRules: nodeRules(features.enabled), enabled: features.enabled }),
  )
  const first = [{ name: 'kubernetes.io/system-privileged-group', authorizer: createPrivilegedGroupAuthorizer() }]
  const authorizer =
    configuration.authorization?.compose(first, { Node: node, RBAC: countedRbac }) ??
    createUnionAuthorizer([...first, { name: 'node', authorizer: node }, { name: 'rbac', authorizer: countedRbac }])
  const { inFlight, requestTimeoutMs } = options.protocol ?? protocolOptions({})
  const fairness = inFlight.shared
    ? createFairness({
        lister,
        clock,
        totalSeats: inFlight.reads + inFlight.writes,
        maxWaitMs: requestTimeoutMs / 4,
      })
    : createMaxInFlight(inFlight)
  const ownAuthentication = () =>
    extensionAuthentication({
      clientAuthorityPem: authoritiesPem(trust.current.clients),
      frontProxyAuthorityPem: authoritiesPem(trust.current.frontProxy),
      proxies,
    })
  const webhookClient = createWebhookClient({ lister, clock, random })
  const admissionLog = log.child({ component: 'admission' })
  return {
    serverOptions: {
      authentication,
      authorizer,
      audit: configuration.audit && createAudit({ ...configuration.audit, clock, random }),
      fairness,
      admission: admissionPlugins(
        {
          lister,
          writer,
          authorizer,
          rules: rbac,
          definitions: () => [...(served?.values() ?? [])].map(({ definition }) => definition),
          webhookClient,
          enabled: features.enabled,
          clock,
          random,
          log: admissionLog,
          metrics: registry,
          webhookMetrics: new WebhookMetrics(registry),
          policyMetrics: new PolicyMetrics(registry, clock),
        },
        configuration.admission,
      ),
      tokenIssuer: createTokenIssuer({ ...settings, keys, issuer, clock, random }),
      lister,
      reviews: {
        ...createAccessReviews(authorizer),
        'tokenreviews.authentication.k8s.io': createTokenReview({ tokens, ownAudiences: audiences }),
        'selfsubjectreviews.authentication.k8s.io': createSelfSubjectReview(clock),
      },
      encryption: configuration.encryption ?? usualEncryption(pki.encryptionKey),
      readyChecks: configuration.encryption?.healthChecks ?? [],
    },
    rules: rbac,
    webhookClient,
    tls(hosts) {
      const { certificatePem, privateKeyPem } = pki.apiServer(hosts)
      return {
        cert: certificatePem,
        key: privateKeyPem,
        // Certificates are asked for and looked at by the authenticators: one that does not hold is 401, not a broken connection.
        ca: [authoritiesPem(trust.current.clients), authoritiesPem(trust.current.frontProxy)],
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
      }
    },
    addPaths: (paths, origin) => addOpenid(paths, { issuer, keys, origin, jwksUri }),
    async connect(resources, serverWriter) {
      connectedWriter = serverWriter
      served = resources
      await lister.connect(resources, followed)
      endFlowSchemaStatus = keepFlowSchemaStatus({ lister, writer, clock, log: log.child({ component: 'fairness' }) })
    },
    async publishTrust() {
      await keepConfigMap({ lister, writer }, ownAuthentication())
    },
    async bootstrap({ server } = {}) {
      const authorityPem = pki.clusterAuthority.certificatePem
      await bootstrapObjects({
        lister,
        writer,
        enabled: features.enabled,
        configMaps: [ownAuthentication(), ...(server === undefined ? [] : [clusterInfo({ server, authorityPem })])],
        firstConfigMaps: [legacyTokenTracking(dateOf(clock.now()))],
        joining: server !== undefined,
      })
    },
    async stop() {
      endFlowSchemaStatus()
      trust.stop()
      index.stop()
      graph.stop()
      webhookClient.close()
      fairness.stop()
      configuration.authentication?.stop()
      configuration.authorization?.stop()
      configuration.encryption?.stop()
      await configuration.audit?.sink.close()
    },
  }
}
