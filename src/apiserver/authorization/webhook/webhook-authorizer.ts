import type { Clock } from '../../../machinery/clock.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { isObject } from '../../../machinery/json.ts'
import type { KubeconfigWebhook } from '../../webhook/kubeconfig-webhook.ts'
import type { AuthorizationAttributes, AuthorizationResult, Authorizer, Decision } from '../authorizer.ts'
import type { WebhookConfiguration } from './authorization-configuration.ts'
import type { MatchConditions } from './match-conditions.ts'
import { type ReviewSpec, reviewSpec } from './review-spec.ts'
import type { AuthorizationWebhookMetrics, WebhookOutcome } from './webhook-metrics.ts'

interface ReviewStatus {
  readonly allowed?: boolean
  readonly denied?: boolean
  readonly reason?: string
}

const maxAnswers = 8192
/** A caller could fill the memory with names that are this long: their answers are not remembered. */
const maxRememberedAttributes = 10_000

/**
 * Asks a service whether a request may pass, by SubjectAccessReview (apiserver plugin/pkg/authorizer/webhook). Answers are
 * remembered for the times that the configuration gives; a failure is no opinion or a refusal, as it says.
 */
export function createWebhookAuthorizer(options: {
  readonly name: string
  readonly configuration: WebhookConfiguration
  readonly webhook: KubeconfigWebhook
  readonly conditions: MatchConditions
  readonly metrics: AuthorizationWebhookMetrics
  readonly clock: Clock
}): Authorizer {
  const { name, configuration, webhook, conditions, metrics, clock } = options
  const known = new Map<string, { readonly status: ReviewStatus; readonly until: number }>()
  const onFailure: Decision = configuration.failurePolicy === 'Deny' ? 'deny' : 'noOpinion'
  const failed = (error: unknown): AuthorizationResult => ({
    decision: onFailure,
    reason: '',
    error: (error as Error).message,
  })

  async function ask(spec: ReviewSpec): Promise<ReviewStatus> {
    const started = clock.monotonic()
    const tell = (outcome: WebhookOutcome) => metrics.asked(name, outcome, (clock.monotonic() - started) / 1000)
    try {
      const answer = await webhook.post(review(spec, configuration.subjectAccessReviewVersion), {
        timeoutMs: configuration.timeout,
      })
      tell('success')
      return isObject(answer) && isObject(answer['status']) ? (answer['status'] as ReviewStatus) : {}
    } catch (error) {
      const outcome = outcomeOf(error)
      tell(outcome)
      if (onFailure === 'noOpinion') metrics.failedOpen(name, outcome)
      throw error
    }
  }
  function remember(key: string, status: ReviewStatus): void {
    const cached =
      status.allowed === true ? configuration.cacheAuthorizedRequests : configuration.cacheUnauthorizedRequests
    if (!cached) return
    const ttl = status.allowed === true ? configuration.authorizedTTL : configuration.unauthorizedTTL
    known.delete(key)
    if (known.size >= maxAnswers) known.delete(known.keys().next().value!)
    known.set(key, { status, until: clock.monotonic() + ttl })
  }

  return {
    async authorize(attributes) {
      const spec = reviewSpec(attributes)
      try {
        if (!conditions.match(spec)) return { decision: 'noOpinion', reason: '' }
        const key = JSON.stringify(spec)
        const entry = known.get(key)
        if (entry !== undefined && clock.monotonic() < entry.until) return resultOf(entry.status)
        const status = await ask(spec)
        if (sizeOf(attributes) < maxRememberedAttributes) remember(key, status)
        return resultOf(status)
      } catch (error) {
        return failed(error)
      }
    },
    rulesFor: async () => ({
      resourceRules: [],
      nonResourceRules: [],
      incomplete: true,
      evaluationError: 'webhook authorizer does not support user rule resolution',
    }),
  }
}

function resultOf({ allowed = false, denied = false, reason = '' }: ReviewStatus): AuthorizationResult {
  if (denied && allowed)
    return {
      decision: 'deny',
      reason,
      error: 'webhook subject access review returned both allow and deny response',
    }
  return { decision: denied ? 'deny' : allowed ? 'allow' : 'noOpinion', reason }
}

/** The old version calls the groups by another name. */
function review(spec: ReviewSpec, version: string): object {
  const { groups, ...rest } = spec
  return {
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: version === 'v1beta1' ? { ...rest, group: groups } : spec,
    status: { allowed: false },
  }
}

function outcomeOf(error: unknown): WebhookOutcome {
  if (error instanceof ApiError) return error.reason === 'Timeout' || error.code === 504 ? 'timeout' : 'error'
  return (error as Error).message.endsWith('context deadline exceeded') ? 'timeout' : 'error'
}

function sizeOf({ namespace, verb, apiGroup, apiVersion, resource, subresource, name, path }: AuthorizationAttributes) {
  return [namespace, verb, apiGroup, apiVersion, resource, subresource, name, path].reduce(
    (sum, text) => sum + text.length,
    0,
  )
}
