import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { type FieldError, fieldErrors } from '../../../machinery/field-error.ts'
import { formatGoDuration } from '../../../machinery/go-duration.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import type { AuthorizationConfiguration, WebhookConfiguration } from './authorization-configuration.ts'
import { compileMatchConditions, type MatchConditions } from './match-conditions.ts'

/** AlwaysAllow is not among them: nothing switches authorization off. */
const authorizerTypes = ['ABAC', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook']

/** Checks a configuration (apiserver pkg/apis/apiserver/validation ValidateAuthorizationConfiguration). */
export function validateAuthorizers({ authorizers }: AuthorizationConfiguration): {
  /** Of each webhook, by the authorizer's name. */
  readonly conditions: ReadonlyMap<string, MatchConditions>
  readonly errors: readonly FieldError[]
} {
  const errors: FieldError[] = []
  const conditions = new Map<string, MatchConditions>()
  const types = new Set<string>()
  const names = new Set<string>()
  if (authorizers.length === 0)
    errors.push(fieldErrors.required('authorizers', 'at least one authorization mode must be defined'))
  authorizers.forEach(({ type, name, webhook }, index) => {
    const path = `authorizers[${index}]`
    if (type === '') return errors.push(fieldErrors.required(`${path}.type`, ''))
    if (!authorizerTypes.includes(type))
      return errors.push(fieldErrors.notSupported(`${path}.type`, type, authorizerTypes))
    if (types.has(type) && type !== 'Webhook') return errors.push(fieldErrors.duplicate(`${path}.type`, type))
    types.add(type)
    errors.push(...nameErrors(name, names, `${path}.name`))
    names.add(name)
    if (type === 'Webhook' && webhook === undefined)
      return errors.push(fieldErrors.required(`${path}.webhook`, 'required when type=Webhook'))
    if (type !== 'Webhook' && webhook !== undefined)
      return errors.push(fieldErrors.invalid(`${path}.webhook`, 'non-null', 'may only be specified when type=Webhook'))
    if (webhook === undefined) return undefined
    errors.push(...webhookErrors(webhook, path))
    const compiled = compileMatchConditions(webhook.matchConditions, path)
    errors.push(...compiled.errors)
    return conditions.set(name, compiled.matches)
  })
  return { conditions, errors }
}

function nameErrors(name: string, taken: ReadonlySet<string>, field: string): FieldError[] {
  if (name === '') return [fieldErrors.required(field, '')]
  if (taken.has(name)) return [fieldErrors.duplicate(field, name)]
  const faults = dns1123Subdomain(name)
  return faults.length === 0
    ? []
    : [fieldErrors.invalid(field, name, `authorizer name is invalid: ${faults.join(', ')}`)]
}

function webhookErrors(webhook: WebhookConfiguration, path: string): FieldError[] {
  const { timeout, subjectAccessReviewVersion, matchConditionSubjectAccessReviewVersion, failurePolicy } = webhook
  return [
    ...timeErrors(timeout, `${path}.timeout`, 30_000, 'must be > 0s and <= 30s'),
    ...timeErrors(webhook.authorizedTTL, `${path}.authorizedTTL`, Infinity, 'must be > 0s'),
    ...timeErrors(webhook.unauthorizedTTL, `${path}.unauthorizedTTL`, Infinity, 'must be > 0s'),
    ...choiceErrors(subjectAccessReviewVersion, `${path}.subjectAccessReviewVersion`, ['v1', 'v1beta1']),
    ...(matchConditionSubjectAccessReviewVersion !== ''
      ? choiceErrors(matchConditionSubjectAccessReviewVersion, `${path}.matchConditionSubjectAccessReviewVersion`, [
          'v1',
        ])
      : webhook.matchConditions.length > 0
        ? [
            fieldErrors.required(
              `${path}.matchConditionSubjectAccessReviewVersion`,
              'required if match conditions are specified',
            ),
          ]
        : []),
    ...choiceErrors(failurePolicy, `${path}.failurePolicy`, ['NoOpinion', 'Deny']),
    ...connectionErrors(webhook.connectionInfo, `${path}.connectionInfo`),
  ]
}

function timeErrors(ms: number, field: string, maxMs: number, detail: string): FieldError[] {
  if (ms === 0) return [fieldErrors.required(field, '')]
  return ms < 0 || ms > maxMs ? [fieldErrors.invalid(field, formatGoDuration(ms * 1e6), detail)] : []
}

function choiceErrors(value: string, field: string, choices: readonly string[]): FieldError[] {
  if (value === '') return [fieldErrors.required(field, '')]
  return choices.includes(value) ? [] : [fieldErrors.notSupported(field, value, choices)]
}

function connectionErrors(
  { type, kubeConfigFile }: WebhookConfiguration['connectionInfo'],
  path: string,
): FieldError[] {
  const field = `${path}.kubeConfigFile`
  switch (type) {
    case '':
      return [fieldErrors.required(`${path}.type`, '')]
    case 'KubeConfigFile':
      if (!kubeConfigFile) return [fieldErrors.required(field, '')]
      if (!isAbsolute(kubeConfigFile)) return [fieldErrors.invalid(field, kubeConfigFile, 'must be an absolute path')]
      try {
        return statSync(kubeConfigFile).isFile()
          ? []
          : [fieldErrors.invalid(field, kubeConfigFile, 'must be a regular file')]
      } catch {
        const why = `error loading file: stat ${kubeConfigFile}: no such file or directory`
        return [fieldErrors.invalid(field, kubeConfigFile, why)]
      }
    // In a pod it would ask the API server, which is this one.
    default:
      return [fieldErrors.notSupported(`${path}.type`, type, ['KubeConfigFile'])]
  }
}
