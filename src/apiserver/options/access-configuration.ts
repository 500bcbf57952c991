import { defaultFeatureGates, type FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { AuditMetrics } from '../audit/audit-metrics.ts'
import type { AuditSink } from '../audit/event.ts'
import type { AuditPolicy } from '../audit/policy.ts'
import type { ConfiguredAuthentication } from '../authentication/configure-authentication.ts'
import type { ConfiguredAuthorization } from '../authorization/configure-authorization.ts'
import type { ConfiguredEncryption } from '../encryption/configure-encryption.ts'
import type { UserInfo } from '../../api/user.ts'
import { type TokenSettings, tokenSettings } from '../tokens/token-settings.ts'
import { readText } from './config-file.ts'
import type { PluginSelection } from '../admission/plugin-selection.ts'
import { type FrontProxyOptions, frontProxyOptions } from './front-proxy-options.ts'
import type { ServerOptionValues } from './server-options.ts'

/** What users chose of access control, read and ready. What is absent is as usual. */
export interface AccessConfiguration {
  /** Who did what is told where. The sink is closed with access control. */
  readonly audit?: { readonly policy: AuditPolicy; readonly sink: AuditSink; readonly metrics: AuditMetrics }
  /** Who is believed beside this cluster's own credentials. Stopped with access control. */
  readonly authentication?: ConfiguredAuthentication
  /** Fixed tokens. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>
  /** Tokens of service accounts. */
  readonly tokens?: TokenSettings
  /** Which admission plugins are on, and how they work. */
  readonly admission?: PluginSelection
  /** What lies encrypted in the store. Stopped with access control. */
  readonly encryption?: ConfiguredEncryption
  /** Whether tokens of Secrets that were made for joining are believed; default true. */
  readonly bootstrapTokens?: boolean
  /** Which proxies may speak for others. */
  readonly frontProxy?: FrontProxyOptions
  /** Who decides, in place of Node and RBAC. Stopped with access control. */
  readonly authorization?: ConfiguredAuthorization
}

export interface ConfigurationServices {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
  /** Of this server's own tokens. */
  readonly ownIssuers: readonly string[]
  /** By which secrets are encrypted where nothing else is said. */
  readonly encryptionKey: Uint8Array
  /** Default: as the release has them. */
  readonly enabled?: FeatureEnabled
}

/**
 * Reads the files that options name. Throws an Error, one sentence, naming the flag that is wrong. The code for what is not
 * asked for is not loaded.
 */
export async function loadAccessConfiguration(
  values: ServerOptionValues,
  services: ConfigurationServices,
): Promise<AccessConfiguration> {
  return {
    audit: await loadAudit(values, services),
    authentication: await loadAuthentication(values, services),
    staticTokens: await loadStaticTokens(values, services),
    tokens: tokenSettings(values),
    bootstrapTokens: values['enable-bootstrap-token-auth'] ?? true,
    frontProxy: frontProxyOptions(values),
    authorization: await loadAuthorization(values, services),
    encryption: await loadEncryption(values, services),
    admission: await loadAdmission(values),
  }
}

const names = (values: ServerOptionValues, pattern: RegExp): boolean =>
  Object.keys(values).some((name) => pattern.test(name))

async function loadAuthentication(
  values: ServerOptionValues,
  services: ConfigurationServices,
): Promise<AccessConfiguration['authentication']> {
  if (!names(values, /^(oidc|authentication|anonymous)-/)) return undefined
  const { configureAuthentication } = await import('../authentication/configure-authentication.ts')
  return configureAuthentication(values, services)
}

async function loadStaticTokens(
  values: ServerOptionValues,
  { log }: ConfigurationServices,
): Promise<AccessConfiguration['staticTokens']> {
  const path = values['token-auth-file']
  if (path === undefined) return undefined
  const { readTokenFile } = await import('../authentication/token-file.ts')
  return readTokenFile(readText(path), path, (text) => log.warn(text))
}

async function loadAuthorization(
  values: ServerOptionValues,
  services: ConfigurationServices,
): Promise<AccessConfiguration['authorization']> {
  if (!names(values, /^authorization-/)) return undefined
  const { configureAuthorization } = await import('../authorization/configure-authorization.ts')
  return configureAuthorization(values, { ...services, log: services.log.child({ component: 'authorization' }) })
}

async function loadAdmission(values: ServerOptionValues): Promise<AccessConfiguration['admission']> {
  if (!names(values, /admission|toleration/)) return undefined
  const { configureAdmission } = await import('../admission/configure-admission.ts')
  return configureAdmission(values)
}

async function loadEncryption(
  values: ServerOptionValues,
  services: ConfigurationServices,
): Promise<AccessConfiguration['encryption']> {
  const path = values['encryption-provider-config']
  if (path === undefined) return undefined
  const { configureEncryption } = await import('../encryption/configure-encryption.ts')
  return configureEncryption(path, {
    ...services,
    enabled: services.enabled ?? defaultFeatureGates.enabled,
    log: services.log.child({ component: 'encryption' }),
    ownKey: services.encryptionKey,
    reload: values['encryption-provider-config-automatic-reload'] === true,
  })
}

async function loadAudit(
  values: ServerOptionValues,
  { clock, random, log, metrics }: ConfigurationServices,
): Promise<AccessConfiguration['audit']> {
  if (values['audit-policy-file'] === undefined) return undefined
  const { configureAudit } = await import('../audit/configure-audit.ts')
  const { AuditMetrics } = await import('../audit/audit-metrics.ts')
  return configureAudit(values, {
    clock,
    random,
    metrics: new AuditMetrics(metrics, log.child({ component: 'audit' })),
  })
}
