import type { ServerOptionValues } from '../options/server-options.ts'
import type { AuthorizationConfiguration } from './webhook/authorization-configuration.ts'

/** AlwaysAllow is upstream's, too; nothing switches authorization off here. */
const modes = ['AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node']

/**
 * --authorization-mode and the flags beside it as the configuration that they stand for; undefined: none is given
 * (pkg/kubeapiserver/options/authorization.go). Throws an Error that says what is wrong.
 */
export function configurationOfModes(values: ServerOptionValues): AuthorizationConfiguration | undefined {
  const given = Object.keys(values).filter((name) => /^authorization-(mode|webhook-)/.test(name))
  if (values['authorization-config'] !== undefined) {
    if (given.length === 0) return undefined
    throw new Error(
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    )
  }
  const policyFile = values['authorization-policy-file']
  const webhookFile = values['authorization-webhook-config-file']
  const chosen = values['authorization-mode'] ?? ['Node', 'RBAC']
  if (given.length === 0 && policyFile === undefined) return undefined
  const errors = [
    ...chosen.flatMap((mode) => [
      ...(modes.includes(mode) ? [] : [`authorization-mode ${JSON.stringify(mode)} is not a valid mode`]),
      ...(mode === 'ABAC' && policyFile === undefined
        ? ["authorization-mode ABAC's authorization policy file not passed"]
        : []),
      ...(mode === 'Webhook' && webhookFile === undefined
        ? ["authorization-mode Webhook's authorization config file not passed"]
        : []),
    ]),
    ...(policyFile !== undefined && !chosen.includes('ABAC')
      ? ['cannot specify --authorization-policy-file without mode ABAC']
      : []),
    ...(webhookFile !== undefined && !chosen.includes('Webhook')
      ? ['cannot specify --authorization-webhook-config-file without mode Webhook']
      : []),
    ...(new Set(chosen).size === chosen.length
      ? []
      : [
          `authorization-mode [${chosen.map((mode) => JSON.stringify(mode)).join(' ')}] has mode specified more than once`,
        ]),
  ]
  if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`)
  return {
    authorizers: chosen.map((type) => ({
      type,
      name: type === 'Webhook' ? 'default' : type.toLowerCase(),
      webhook: type === 'Webhook' ? webhookOf(values) : undefined,
    })),
  }
}

function webhookOf(values: ServerOptionValues): AuthorizationConfiguration['authorizers'][number]['webhook'] {
  const authorized = values['authorization-webhook-cache-authorized-ttl'] ?? 300
  const unauthorized = values['authorization-webhook-cache-unauthorized-ttl'] ?? 30
  return {
    authorizedTTL: authorized * 1000,
    cacheAuthorizedRequests: authorized !== 0,
    unauthorizedTTL: unauthorized * 1000,
    cacheUnauthorizedRequests: unauthorized !== 0,
    timeout: 30_000,
    subjectAccessReviewVersion: values['authorization-webhook-version'] ?? 'v1beta1',
    matchConditionSubjectAccessReviewVersion: '',
    failurePolicy: 'NoOpinion',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: values['authorization-webhook-config-file'] },
    matchConditions: [],
  }
}
