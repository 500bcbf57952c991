import { configMaps } from '../../api/core/v1/config-map.ts'
import type { Client } from '../../client/client.ts'
import { delegatedReviewMetrics, type MeasuredReview } from '../../client/delegated-review-metrics.ts'
import { TokenCacheMetrics } from '../../client/token-cache-metrics.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import { clientCertificateExpiry } from '../../machinery/x509/client-certificate-expiry.ts'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem } from '../../machinery/x509/pem.ts'
import type { AuthenticationRequest, AuthenticationResult, Authenticator } from '../authentication/authenticator.ts'
import { createBearerTokenAuthenticator } from '../authentication/bearer-token.ts'
import { createCachedTokenAuthenticator } from '../authentication/cached-token.ts'
import { createAuthenticationChain } from '../authentication/chain.ts'
import { createClientCertificateAuthenticator } from '../authentication/client-certificate.ts'
import type { CredentialMetrics } from '../authentication/credential-metrics.ts'
import { createFrontProxyAuthenticator } from '../authentication/front-proxy.ts'
import { createWebhookTokenAuthenticator } from '../authentication/webhook-token.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts'
import { createPrivilegedGroupAuthorizer } from '../authorization/privileged-group.ts'
import { createUnionAuthorizer } from '../authorization/union.ts'
import { createWebhookAuthorizer } from '../authorization/webhook/webhook-authorizer.ts'
import { AuthorizationWebhookMetrics } from '../authorization/webhook/webhook-metrics.ts'
import type { KubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'

/** --authentication-token-webhook-cache-ttl and --authorization-webhook-cache-*-ttl of upstream's parts. */
const answersKeptMs = 10_000
/** How long the authorities of certificates are trusted before they are asked for again. */
const authoritiesKeptMs = 60_000
const alwaysAllowed: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/livez'])

export interface DelegatedAccess {
  readonly authentication: { authenticate(request: AuthenticationRequest): Promise<AuthenticationResult> }
  readonly authorizer: Authorizer
}

/**
 * Who may ask a part that is no API server, as the API server says: certificates by the authorities that it publishes,
 * tokens by TokenReview, rights by SubjectAccessReview (apiserver pkg/server/options authentication.go,
 * authorization.go). Health is told to everybody.
 */
export function createDelegatedAccess(options: {
  readonly client: Client
  readonly metrics: MetricsRegistry
  readonly clock: Clock
  readonly log: Logger
}): DelegatedAccess {
  const { client, metrics, clock, log } = options
  const measured = delegatedReviewMetrics(metrics, clock)
  const reviews = (path: string, measure: MeasuredReview): KubeconfigWebhook => ({
    server: '',
    post: async (review) =>
      (await measure(() => client.transport.request({ method: 'POST', path, body: review }))).body,
    close: async () => {},
  })
  const tokens = createCachedTokenAuthenticator(
    createWebhookTokenAuthenticator({
      webhook: reviews('/apis/authentication.k8s.io/v1/tokenreviews', measured.authentication),
      version: 'v1',
      ownAudiences: [],
    }),
    { successMs: answersKeptMs, failureMs: answersKeptMs, clock, metrics: new TokenCacheMetrics(metrics, clock) },
  )
  const bearer = createBearerTokenAuthenticator([tokens])
  const expiry = clientCertificateExpiry(metrics)
  const shown: ShownCertificates = { certificate: (seconds) => expiry.observe(seconds) }
  const authorities = publishedAuthorities({ client, metrics: shown, clock, log })
  const reviewer = createWebhookAuthorizer({
    name: 'delegated',
    configuration: {
      authorizedTTL: answersKeptMs,
      unauthorizedTTL: answersKeptMs,
      cacheAuthorizedRequests: true,
      cacheUnauthorizedRequests: true,
      timeout: answersKeptMs,
      subjectAccessReviewVersion: 'v1',
      matchConditionSubjectAccessReviewVersion: 'v1',
      failurePolicy: 'NoOpinion',
      connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: undefined },
      matchConditions: [],
    },
    webhook: reviews('/apis/authorization.k8s.io/v1/subjectaccessreviews', measured.authorization),
    conditions: { match: () => true },
    metrics: new AuthorizationWebhookMetrics(metrics),
    clock,
  })
  return {
    authentication: {
      async authenticate(request) {
        const authenticators = request.clientCertificate === undefined ? [] : await authorities()
        const chain = createAuthenticationChain({
          authenticators: [...authenticators, bearer],
          anonymous: { enabled: true },
          log,
        })
        return chain.authenticate(request)
      },
    },
    authorizer: createUnionAuthorizer([
      { name: 'paths', authorizer: { authorize: alwaysAllowedPaths } },
      { name: 'privileged-group', authorizer: createPrivilegedGroupAuthorizer() },
      { name: 'delegated', authorizer: reviewer },
    ]),
  }
}

type ShownCertificates = Pick<CredentialMetrics, 'certificate'>

function alwaysAllowedPaths({ resourceRequest, path }: AuthorizationAttributes) {
  const allowed = !resourceRequest && alwaysAllowed.has(path)
  return { decision: allowed ? 'allow' : 'noOpinion', reason: '' } as const
}

/** The authorities that the API server trusts, from kube-system/extension-apiserver-authentication. */
function publishedAuthorities(options: {
  readonly client: Client
  readonly metrics: ShownCertificates
  readonly clock: Clock
  readonly log: Logger
}): () => Promise<readonly Authenticator[]> {
  const { client, metrics, clock, log } = options
  let known:
    | { readonly authenticators: readonly Authenticator[]; readonly text: string; readonly until: number }
    | undefined
  let asking: Promise<readonly Authenticator[]> | undefined
  const ask = async () => {
    try {
      const { data } = await client.get(configMaps, {
        namespace: 'kube-system',
        name: 'extension-apiserver-authentication',
      })
      const text = JSON.stringify(data)
      // What was found out about a connection is kept with its authenticator.
      const authenticators = known?.text === text ? known.authenticators : authenticatorsOf(data ?? {}, clock, metrics)
      known = { authenticators, text, until: clock.monotonic() + authoritiesKeptMs }
      return authenticators
    } catch (error) {
      log.warn('the authorities of client certificates are not known', { error })
      return known?.authenticators ?? []
    } finally {
      asking = undefined
    }
  }
  return async () => {
    if (known !== undefined && clock.monotonic() < known.until) return known.authenticators
    asking ??= ask()
    return asking
  }
}

function authenticatorsOf(
  data: Readonly<Record<string, string>>,
  clock: Clock,
  metrics: ShownCertificates,
): readonly Authenticator[] {
  const certificates = (name: string) =>
    decodePem(data[name] ?? '')
      .filter(({ type }) => type === 'CERTIFICATE')
      .map(({ bytes }) => parseCertificate(bytes))
  const names = (key: string) => JSON.parse(data[`requestheader-${key}`] || '[]') as readonly string[]
  const proxies = {
    allowedNames: names('allowed-names'),
    usernameHeaders: names('username-headers'),
    uidHeaders: names('uid-headers'),
    groupHeaders: names('group-headers'),
    extraPrefixes: names('extra-headers-prefix'),
  }
  return [
    ...certificates('requestheader-client-ca-file').map((authority) =>
      createFrontProxyAuthenticator({ authority, proxies, clock }),
    ),
    ...certificates('client-ca-file').map((authority) =>
      createClientCertificateAuthenticator({ authority, clock, metrics }),
    ),
  ]
}
