import type { Clock } from '../../machinery/clock.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import { readConfig, readText } from '../options/config-file.ts'
import { followConfig } from '../options/reloaded-config.ts'
import { createKubeconfigWebhook, type KubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { createAbacAuthorizer } from './abac/abac-authorizer.ts'
import { readAbacPolicies } from './abac/policy-file.ts'
import type { Authorizer } from './authorizer.ts'
import { configurationOfModes } from './modes.ts'
import { createUnionAuthorizer, type NamedAuthorizer } from './union.ts'
import {
  type AuthorizationConfiguration,
  authorizationConfigurationKind,
} from './webhook/authorization-configuration.ts'
import { validateAuthorizers } from './webhook/validate-authorizers.ts'
import { createWebhookAuthorizer } from './webhook/webhook-authorizer.ts'
import { AuthorizationWebhookMetrics } from './webhook/webhook-metrics.ts'

interface Services {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
}

/** The authorizers that are part of this server. */
export interface BuiltInAuthorizers {
  readonly Node: Authorizer
  readonly RBAC: Authorizer
}

/** Who decides what is allowed, as a file says. */
export interface ConfiguredAuthorization {
  /** All of them as one, after `first`; it changes with the file. */
  compose(first: readonly NamedAuthorizer[], builtIn: BuiltInAuthorizers): Authorizer
  stop(): void
}

const fiveMinutes = 5 * 60_000
const halfMinute = 30_000

/**
 * The authorizers of --authorization-config, which is followed, or of --authorization-mode (pkg/kubeapiserver/authorizer);
 * undefined: neither is given. Throws an Error that says what is wrong.
 */
export function configureAuthorization(
  values: ServerOptionValues,
  services: Services,
): ConfiguredAuthorization | undefined {
  const byModes = configurationOfModes(values)
  const path = values['authorization-config']
  if (byModes === undefined && path === undefined) return undefined
  const metrics = new AuthorizationWebhookMetrics(services.metrics)
  const policyFile = values['authorization-policy-file']
  const abac =
    policyFile === undefined ? undefined : createAbacAuthorizer(readAbacPolicies(readText(policyFile), policyFile))
  const openIt = (configuration: AuthorizationConfiguration) => open(configuration, abac, services, metrics)
  const text = path === undefined ? '' : readText(path)
  let opened = openIt(byModes ?? read(text))
  const unfollow =
    path === undefined
      ? () => {}
      : followConfig('authorization', { path, text }, services, {
          read: (changed) => openIt(read(changed)),
          use(next) {
            opened.close()
            opened = next
          },
        })
  return {
    compose(first, builtIn) {
      let made: { readonly from: OpenedAuthorizers; readonly authorizer: Authorizer } | undefined
      const current = () => {
        if (made?.from !== opened)
          made = { from: opened, authorizer: createUnionAuthorizer([...first, ...opened.authorizers(builtIn)]) }
        return made.authorizer
      }
      return {
        authorize: (attributes) => current().authorize(attributes),
        rulesFor: (user, namespace) => current().rulesFor!(user, namespace),
      }
    },
    stop() {
      unfollow()
      opened.close()
    },
  }
}

interface OpenedAuthorizers {
  authorizers(builtIn: BuiltInAuthorizers): readonly NamedAuthorizer[]
  close(): void
}

function open(
  configuration: AuthorizationConfiguration,
  abac: Authorizer | undefined,
  services: Services,
  metrics: AuthorizationWebhookMetrics,
): OpenedAuthorizers {
  const { clock, random } = services
  const { conditions, errors } = validateAuthorizers(configuration)
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  checkNames(configuration)
  if (abac === undefined && configuration.authorizers.some(({ type }) => type === 'ABAC'))
    throw new Error("authorization-mode ABAC's authorization policy file not passed")
  const webhooks = new Map<string, { readonly webhook: KubeconfigWebhook; readonly authorizer: Authorizer }>()
  for (const { name, webhook: settings } of configuration.authorizers) {
    if (settings === undefined) continue
    const webhook = createKubeconfigWebhook({ path: settings.connectionInfo.kubeConfigFile!, clock, random })
    const shared = { name, configuration: settings, webhook, metrics, clock }
    webhooks.set(name, {
      webhook,
      authorizer: createWebhookAuthorizer({ ...shared, conditions: conditions.get(name)! }),
    })
  }
  return {
    authorizers: (builtIn) =>
      configuration.authorizers.map(({ type, name }) => ({
        name,
        authorizer:
          type === 'Webhook'
            ? webhooks.get(name)!.authorizer
            : type === 'AlwaysDeny'
              ? alwaysDeny
              : type === 'ABAC'
                ? abac!
                : builtIn[type as keyof BuiltInAuthorizers],
      })),
    close: () => webhooks.forEach(({ webhook }) => void webhook.close()),
  }
}

/** Every authorizer is asked after it in vain: it has no opinion, but says so (apiserver authorizerfactory). */
const alwaysDeny: Authorizer = {
  authorize: () => ({ decision: 'noOpinion', reason: 'Everything is forbidden.' }),
  rulesFor: async () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
}

function read(text: string): AuthorizationConfiguration {
  try {
    const { authorizers } = readConfig(text, authorizationConfigurationKind)
    const completed = authorizers.map(({ webhook, ...rest }) => ({
      ...rest,
      webhook: webhook && {
        ...webhook,
        authorizedTTL: webhook.authorizedTTL || fiveMinutes,
        unauthorizedTTL: webhook.unauthorizedTTL || halfMinute,
      },
    }))
    return { authorizers: completed }
  } catch (error) {
    throw new Error(`failed to load AuthorizationConfiguration from file: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function checkNames({ authorizers }: AuthorizationConfiguration): void {
  const wrong = authorizers
    .filter(({ type, name }) => type !== 'Webhook' && name !== type.toLowerCase())
    .map(({ type, name }) => `expected name ${type.toLowerCase()} for authorizer ${type} instead of ${name}`)
  if (wrong.length > 0) throw new Error(aggregate(wrong))
}
