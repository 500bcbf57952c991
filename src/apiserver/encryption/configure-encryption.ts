import type { ResourceDefinition } from '../../api/definition.ts'
import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import { kinds } from '../../api/kinds.ts'
import type { Clock } from '../../machinery/clock.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { HealthCheck } from '../endpoints/health.ts'
import { readConfig, readText } from '../options/config-file.ts'
import { followConfig } from '../options/reloaded-config.ts'
import type { Encryption } from './encryption.ts'
import {
  type EncryptionConfiguration,
  encryptionConfigurationKind,
  groupAndResource,
  type ProviderConfiguration,
} from './encryption-configuration.ts'
import { createKmsClient } from './kms/kms-client.ts'
import { createKmsV1Client } from './kms/kms-v1-client.ts'
import { createKmsV1Provider } from './kms/kms-v1-provider.ts'
import { KmsMetrics } from './kms/kms-metrics.ts'
import { createKmsProvider, type KmsProvider } from './kms/kms-provider.ts'
import { aesCbc } from './providers/aes-cbc.ts'
import { aesGcm } from './providers/aes-gcm.ts'
import { identity } from './providers/identity.ts'
import type { EncryptionProvider } from './providers/provider.ts'
import { secretbox } from './providers/secretbox.ts'
import { SealedResource } from './sealed-resource.ts'
import { ownProvider, usualEncryption } from './usual-encryption.ts'
import { encryptionErrors } from './validate-encryption.ts'

interface Services {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
  /** By which secrets are encrypted where nothing else is said. */
  readonly ownKey: Uint8Array
  /** KMSv1 is one of them. */
  readonly enabled: FeatureEnabled
}

/** What lies encrypted in the store, as a file says. */
export interface ConfiguredEncryption extends Encryption {
  readonly healthChecks: readonly HealthCheck[]
  stop(): void
}

const deprecated = 'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.'

/** Values that are being read when the file changes are read to the end. */
const graceMs = 10_000

/**
 * Encryption by --encryption-provider-config (apiserver pkg/server/options/encryptionconfig). What the file does not name
 * stays as usual: secrets by the cluster's own key, which can always be read. Rejects with an Error that says what is wrong.
 */
export async function configureEncryption(
  path: string,
  options: Services & { readonly reload: boolean },
): Promise<ConfiguredEncryption> {
  const { clock, reload } = options
  const text = readText(path)
  const services = { ...options, kmsMetrics: new KmsMetrics(options.metrics, clock) }
  let opened = await open(text, path, services)
  const unfollow = reload
    ? followConfig('encryption', { path, text }, options, {
        read: (changed) => open(changed, path, services),
        use(next) {
          const before = opened
          opened = next
          clock.after(graceMs, () => before.close())
        },
      })
    : () => {}
  return {
    of: (storagePrefix) => opened.of(storagePrefix),
    healthChecks: [
      {
        name: 'kms-providers',
        async check() {
          const told = await Promise.all(opened.kms.map(async (provider) => provider.health()))
          const unwell = told.filter((why) => why !== undefined)
          if (unwell.length > 0) throw new Error(unwell.join(', '))
        },
      },
    ],
    stop() {
      unfollow()
      opened.close()
    },
  }
}

interface OpenedEncryption extends Encryption {
  readonly kms: readonly KmsProvider[]
  close(): void
}

type OpeningServices = Services & { readonly reload: boolean; readonly kmsMetrics: KmsMetrics }

async function open(text: string, path: string, services: OpeningServices): Promise<OpenedEncryption> {
  const configuration = read(text, path, services.reload)
  const kms: KmsProvider[] = []
  try {
    const rules = rulesOf(configuration, (provider) => providersOf(provider, services, kms))
    await Promise.all(kms.map(({ ready }) => ready))
    const usual = usualEncryption(services.ownKey)
    const known = new Map<string, SealedResource | undefined>()
    return {
      kms,
      of(storagePrefix) {
        if (known.has(storagePrefix)) return known.get(storagePrefix)
        const providers = ruleFor(rules, storagePrefix)
        const own = storagePrefix === 'secrets' ? [ownProvider(services.ownKey)] : []
        const resource = providers === undefined ? usual.of(storagePrefix) : new SealedResource([...providers, ...own])
        known.set(storagePrefix, resource)
        return resource
      },
      close: () => kms.forEach((provider) => provider.close()),
    }
  } catch (error) {
    for (const provider of kms) provider.close()
    throw error
  }
}

function read(text: string, path: string, reload: boolean): EncryptionConfiguration {
  let configuration: EncryptionConfiguration
  try {
    configuration = readConfig(text, encryptionConfigurationKind)
  } catch (error) {
    throw new Error(
      `error while parsing file: error decoding encryption provider configuration file ${JSON.stringify(path)}: ${(error as Error).message}`,
      { cause: error },
    )
  }
  const errors = encryptionErrors(configuration, reload)
  if (errors.length > 0) throw new Error(`error while parsing file: ${aggregate(errors.map(errorText))}`)
  return configuration
}

/** By `resource.group`. A wildcard hides what comes after it, which is refused. */
function rulesOf(
  { resources }: EncryptionConfiguration,
  open: (provider: ProviderConfiguration) => readonly EncryptionProvider[],
): ReadonlyMap<string, readonly EncryptionProvider[]> {
  const rules = new Map<string, readonly EncryptionProvider[]>()
  for (const { resources: names, providers } of resources) {
    const opened = providers.flatMap(open)
    for (const name of names) {
      const { group, resource } = groupAndResource(name)
      for (const wildcard of [`*.${group}`, '*.*'])
        if (rules.has(wildcard))
          throw new Error(
            `error while building transformers: resource ${JSON.stringify(name)} is masked by earlier rule ${JSON.stringify(wildcard)}`,
          )
      const id = `${resource}.${group}`
      rules.set(id, [...(rules.get(id) ?? []), ...opened])
    }
  }
  return rules
}

function ruleFor(
  rules: ReadonlyMap<string, readonly EncryptionProvider[]>,
  storagePrefix: string,
): readonly EncryptionProvider[] | undefined {
  const { group, resource } = resourceAt(storagePrefix)
  return rules.get(`${resource}.${group}`) ?? rules.get(`*.${group}`) ?? rules.get('*.*')
}

/** Whose objects lie there; events of both groups are the core group's. Custom resources say it in the prefix. */
function resourceAt(storagePrefix: string): { readonly group: string; readonly resource: string } {
  const found = (kinds as readonly ResourceDefinition[]).filter((kind) => kind.storagePrefix === storagePrefix)
  const kind = found.find(({ group }) => group === '') ?? found[0]
  if (kind !== undefined) return kind
  const slash = storagePrefix.indexOf('/')
  return { group: storagePrefix.slice(0, Math.max(slash, 0)), resource: storagePrefix.slice(slash + 1) }
}

function providersOf(
  { aesgcm, aescbc, secretbox: box, kms }: ProviderConfiguration,
  { clock, random, log, enabled, kmsMetrics: metrics }: OpeningServices,
  opened: KmsProvider[],
): readonly EncryptionProvider[] {
  const byKey = (
    make: (name: string, key: Uint8Array) => EncryptionProvider,
    keys: readonly { readonly name: string; readonly secret: string }[],
  ) => keys.map(({ name, secret }) => make(name, Buffer.from(secret, 'base64')))
  if (aesgcm !== undefined) return byKey(aesGcm, aesgcm.keys)
  if (aescbc !== undefined) return byKey(aesCbc, aescbc.keys)
  if (box !== undefined) return byKey(secretbox, box.keys)
  if (kms === undefined) return [identity]
  const { name, endpoint, timeout: timeoutMs, cachesize: cacheSize = 1000 } = kms
  if (kms.apiVersion === 'v1') {
    if (!enabled('KMSv1'))
      throw new Error(`${deprecated}  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.`)
    log.info(deprecated)
  }
  const provider =
    kms.apiVersion === 'v1'
      ? createKmsV1Provider({
          name,
          cacheSize,
          client: createKmsV1Client({ endpoint, timeoutMs, clock }),
          clock,
          metrics,
        })
      : createKmsProvider({
          name,
          client: createKmsClient({ endpoint, timeoutMs, clock }),
          clock,
          random,
          log,
          metrics,
        })
  opened.push(provider)
  return [provider]
}
