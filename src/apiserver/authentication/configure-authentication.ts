import { TokenCacheMetrics } from '../../client/token-cache-metrics.ts'
import type { Clock } from '../../machinery/clock.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText } from '../../machinery/field-error.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import { readConfig, readText } from '../options/config-file.ts'
import { followConfig } from '../options/reloaded-config.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { createKubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'
import { createCachedTokenAuthenticator } from './cached-token.ts'
import type { AnonymousOptions } from './chain.ts'
import {
  type AuthenticationConfiguration,
  authenticationConfigurationKind,
} from './jwt/authentication-configuration.ts'
import { compileAuthenticators } from './jwt/compile-authenticator.ts'
import { createHttpsGet, type HttpsGet } from './jwt/https-get.ts'
import { createIssuerKeys, signingAlgorithms } from './jwt/issuer-keys.ts'
import { createJwtAuthenticator } from './jwt/jwt-authenticator.ts'
import { configurationOfOidcFlags } from './jwt/oidc-flags.ts'
import { authenticateToken, type TokenAuthenticator } from './token-authenticator.ts'
import { createWebhookTokenAuthenticator } from './webhook-token.ts'

interface Services {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
  /** Of this server's own tokens: nobody else may claim to issue them. */
  readonly ownIssuers: readonly string[]
}

/** Who is believed beside this cluster's own credentials, and whether strangers are served. */
export interface ConfiguredAuthentication {
  readonly tokens: readonly TokenAuthenticator[]
  readonly anonymous?: AnonymousOptions
  stop(): void
}

/** Answers about tokens from outside are remembered for so long (TokenSuccessCacheTTL). */
const successMs = 10_000

/** Authentication as the flags ask for it (pkg/kubeapiserver/options/authentication.go). Throws an Error that says what is wrong. */
export function configureAuthentication(values: ServerOptionValues, services: Services): ConfiguredAuthentication {
  const metrics = new TokenCacheMetrics(services.metrics, services.clock)
  const jwt = configuredIssuers(values, services, metrics)
  const webhook = configuredWebhook(values, services, metrics)
  const { anonymous } = jwt.configuration
  const flag = values['anonymous-auth']
  if (anonymous !== undefined && flag !== undefined)
    throw new Error(
      'anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    )
  return {
    tokens: [...jwt.tokens, ...(webhook === undefined ? [] : [webhook.token])],
    anonymous:
      anonymous === undefined
        ? { enabled: flag ?? true }
        : { enabled: anonymous.enabled, paths: anonymous.conditions.map(({ path }) => path) },
    stop() {
      jwt.stop()
      webhook?.stop()
    },
  }
}

function configuredIssuers(
  values: ServerOptionValues,
  services: Services,
  metrics: TokenCacheMetrics,
): { configuration: AuthenticationConfiguration; tokens: readonly TokenAuthenticator[]; stop: () => void } {
  const path = values['authentication-config']
  const fromFlags = configurationOfOidcFlags(values)
  if (path === undefined) {
    const { configuration, algorithms } = fromFlags ?? { configuration: { jwt: [], anonymous: undefined } }
    const issuers = openIssuers(configuration, algorithms ?? [], services, metrics)
    return { configuration, tokens: configuration.jwt.length > 0 ? [issuers.token] : [], stop: issuers.close }
  }
  if (fromFlags !== undefined) throw new Error('authentication-config file and oidc-* flags are mutually exclusive')
  const text = readText(path)
  let configuration: AuthenticationConfiguration
  try {
    configuration = readConfig(text, authenticationConfigurationKind)
  } catch (error) {
    throw new Error(
      `failed to load authentication configuration from file ${JSON.stringify(path)}: ${(error as Error).message}`,
      { cause: error },
    )
  }
  let issuers = openIssuers(configuration, signingAlgorithms, services, metrics)
  const log = services.log.child({ component: 'authentication' })
  const unfollow = followConfig(
    'authentication',
    { path, text },
    { ...services, log },
    {
      read(changed) {
        const next = readConfig(changed, authenticationConfigurationKind)
        if (!jsonEqual(next.anonymous, configuration.anonymous))
          throw new Error('anonymous: Forbidden: changed from initial configuration file')
        return openIssuers(next, signingAlgorithms, services, metrics)
      },
      use(opened) {
        issuers.close()
        issuers = opened
      },
    },
  )
  const token: TokenAuthenticator = {
    name: 'jwt',
    authenticateToken: (...parameters) => issuers.token.authenticateToken(...parameters),
  }
  return {
    configuration,
    tokens: [token],
    stop() {
      unfollow()
      issuers.close()
    },
  }
}

/** All issuers of a configuration as one. Throws an Error when the configuration does not hold. */
function openIssuers(
  configuration: AuthenticationConfiguration,
  algorithms: readonly string[],
  { clock, ownIssuers }: Services,
  metrics: TokenCacheMetrics,
): { readonly token: TokenAuthenticator; readonly close: () => void } {
  const { authenticators, errors } = compileAuthenticators(configuration, ownIssuers)
  if (errors.length > 0) throw new Error(`invalid authentication configuration: ${aggregate(errors.map(errorText))}`)
  const opened: HttpsGet[] = []
  const tokens = authenticators.map((authenticator) => {
    const { url, discoveryURL, certificateAuthority } = authenticator.config.issuer
    const get = createHttpsGet({ ca: certificateAuthority || undefined, clock })
    const keysOf = (issuer: string, discoveryUrl = '') =>
      createIssuerKeys({ issuer, discoveryUrl, algorithms, get, clock })
    const keys = keysOf(url, discoveryURL)
    opened.push(get)
    return createJwtAuthenticator({ authenticator, keys, get, keysOf, clock })
  })
  const union: TokenAuthenticator = {
    name: 'jwt',
    authenticateToken: (token, audiences) => authenticateToken(tokens, token, audiences),
  }
  return {
    token: createCachedTokenAuthenticator(union, { successMs, failureMs: 0, clock, metrics }),
    close: () => opened.forEach((get) => get.close()),
  }
}

function configuredWebhook(
  values: ServerOptionValues,
  { clock, random, ownIssuers }: Services,
  cacheMetrics: TokenCacheMetrics,
): { readonly token: TokenAuthenticator; readonly stop: () => void } | undefined {
  const path = values['authentication-token-webhook-config-file']
  if (path === undefined) return undefined
  let webhook: ReturnType<typeof createKubeconfigWebhook>
  try {
    webhook = createKubeconfigWebhook({ path, clock, random })
  } catch (error) {
    throw new Error(`--authentication-token-webhook-config-file: ${(error as Error).message}`, { cause: error })
  }
  const ttlMs = (values['authentication-token-webhook-cache-ttl'] ?? 120) * 1000
  const version = values['authentication-token-webhook-version'] === 'v1' ? 'v1' : 'v1beta1'
  const token = createWebhookTokenAuthenticator({ webhook, version, ownAudiences: ownIssuers })
  return {
    token: createCachedTokenAuthenticator(token, { successMs: ttlMs, failureMs: ttlMs, clock, metrics: cacheMetrics }),
    stop: () => void webhook.close(),
  }
}
