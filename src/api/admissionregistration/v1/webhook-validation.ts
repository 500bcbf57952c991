import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { dns1035Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { checkField, checkOneOf } from '../../field-checks.ts'
import type { MutatingWebhook, ValidatingWebhook, WebhookClientConfig } from '../../types.generated.ts'
import { validateWebhookService, validateWebhookUrl } from '../../webhook-client.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { failurePolicies, matchPolicies, reinvocationPolicies } from './policy-values.ts'
import { validateRule } from './rule-validation.ts'

/** pkg/apis/admissionregistration/validation, of validating and of mutating webhooks. */
type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>
interface Configuration {
  readonly webhooks?: readonly Webhook[] | null
}

const knownReviews = ['v1', 'v1beta1'] as const
const isKnownReview = (version: string): boolean => (knownReviews as readonly string[]).includes(version)
const allSideEffects: readonly string[] = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const noSideEffects: readonly string[] = ['None', 'NoneOnDryRun']

/** What an old configuration does not have need not be had. */
interface WebhookRules {
  readonly sideEffects: readonly string[]
  readonly knownReview: boolean
  readonly uniqueNames: boolean
  readonly allowInvalidLabelValue: boolean
  readonly matchConditions: boolean
  readonly stored: ReadonlySet<string>
}
const strict: WebhookRules = {
  sideEffects: noSideEffects,
  knownReview: true,
  uniqueNames: true,
  allowInvalidLabelValue: false,
  matchConditions: true,
  stored: new Set(),
}

export function validateWebhooks({ webhooks }: Configuration): FieldError[] {
  return validateAll(webhooks ?? [], strict)
}

export function validateWebhooksUpdate({ webhooks }: Configuration, old: Configuration): FieldError[] {
  const before = old.webhooks ?? []
  const now = webhooks ?? []
  return validateAll(now, {
    sideEffects: before.every((hook) => noSideEffects.includes(hook.sideEffects)) ? noSideEffects : allSideEffects,
    knownReview: before.every(
      ({ admissionReviewVersions: versions }) => !versions?.length || versions.some(isKnownReview),
    ),
    uniqueNames: new Set(before.map(({ name }) => name)).size === before.length,
    allowInvalidLabelValue: before.some(
      (hook) =>
        validateLabelSelector(hook.namespaceSelector, '').length > 0 ||
        validateLabelSelector(hook.objectSelector, '').length > 0,
    ),
    matchConditions:
      now.length !== before.length ||
      now.some((hook, index) => !jsonEqual(hook.matchConditions, before[index]!.matchConditions)),
    stored: new Set(before.flatMap(({ matchConditions }) => matchConditions ?? []).map(({ expression }) => expression)),
  })
}

function validateAll(webhooks: readonly Webhook[], rules: WebhookRules): FieldError[] {
  const names = new Set<string>()
  return webhooks.flatMap((webhook, index) => {
    const field = `webhooks[${index}]`
    const errors = validateWebhook(webhook, field, rules)
    const { name, admissionReviewVersions: versions } = webhook
    errors.push(...validateReviewVersions(versions ?? [], `${field}.admissionReviewVersions`, rules))
    if (rules.uniqueNames && name && names.has(name)) errors.push(fieldErrors.duplicate(`${field}.name`, name))
    names.add(name)
    return errors
  })
}

function validateWebhook(webhook: Webhook, field: string, rules: WebhookRules): FieldError[] {
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds: timeout, reinvocationPolicy } = webhook
  const errors = fullyQualifiedName(webhook.name ?? '', `${field}.name`)
  for (const [index, rule] of (webhook.rules ?? []).entries()) {
    errors.push(...validateRule(rule, `${field}.rules[${index}]`))
  }
  if (failurePolicy !== undefined) errors.push(...checkOneOf(failurePolicy, `${field}.failurePolicy`, failurePolicies))
  if (matchPolicy !== undefined) errors.push(...checkOneOf(matchPolicy, `${field}.matchPolicy`, matchPolicies))
  if (sideEffects == null) {
    const detail = `must specify one of ${rules.sideEffects.join(', ')}`
    errors.push(fieldErrors.required(`${field}.sideEffects`, detail))
  } else errors.push(...checkOneOf(sideEffects, `${field}.sideEffects`, rules.sideEffects))
  if (timeout !== undefined && (timeout > 30 || timeout < 1)) {
    const detail = 'the timeout value must be between 1 and 30 seconds'
    errors.push(fieldErrors.invalid(`${field}.timeoutSeconds`, timeout, detail))
  }
  errors.push(...validateLabelSelector(webhook.namespaceSelector, `${field}.namespaceSelector`, rules))
  errors.push(...validateLabelSelector(webhook.objectSelector, `${field}.objectSelector`, rules))
  if (reinvocationPolicy !== undefined) {
    errors.push(...checkOneOf(reinvocationPolicy, `${field}.reinvocationPolicy`, reinvocationPolicies))
  }
  errors.push(...validateClient(webhook.clientConfig, `${field}.clientConfig`))
  if (rules.matchConditions) {
    const { stored } = rules
    errors.push(
      ...validateMatchConditions(webhook.matchConditions, `${field}.matchConditions`, { params: false, stored }),
    )
  }
  return errors
}

/** A name of three parts at least, `hook.example.com`. */
function fullyQualifiedName(name: string, field: string): FieldError[] {
  if (name === '') return [fieldErrors.required(field)]
  const faults = dns1123Subdomain(name)
  if (faults.length > 0) return [fieldErrors.invalid(field, name, faults.join(','))]
  if (name.split('.').length >= 3) return []
  return [fieldErrors.invalid(field, name, 'should be a domain with at least three segments separated by dots')]
}

function validateClient(client: WebhookClientConfig | undefined, field: string): FieldError[] {
  const { url, service } = client ?? {}
  if ((url === undefined) === (service === undefined)) {
    return [fieldErrors.required(field, 'exactly one of url or service is required')]
  }
  return url === undefined
    ? validateWebhookService(service!, `${field}.service`)
    : validateWebhookUrl(url, `${field}.url`)
}

function validateReviewVersions(versions: readonly string[], field: string, rules: WebhookRules): FieldError[] {
  const known = knownReviews.join(', ')
  if (versions.length === 0) return [fieldErrors.required(field, `must specify one of ${known}`)]
  const errors = versions.flatMap((version, index) =>
    versions.indexOf(version) < index
      ? [fieldErrors.invalid(`${field}[${index}]`, version, 'duplicate version')]
      : checkField(version, `${field}[${index}]`, dns1035Label),
  )
  if (rules.knownReview && !versions.some(isKnownReview)) {
    errors.push(fieldErrors.invalid(field, versions, `must include at least one of ${known}`))
  }
  return errors
}
