import { activeSpan, traced } from '../../../machinery/tracing/span.ts'
import { traceContextFor } from '../../../machinery/tracing/trace-context.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { Random } from '../../../machinery/random.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { admissionReview, type ReviewAnswer, reviewVersion, verifyReview } from './admission-review.ts'
import { WebhookCallError } from './call-error.ts'
import type { Invocation } from './invocation.ts'
import { dryRunUnsupported, rejection } from './rejection.ts'
import type { WebhookClient } from './webhook-client.ts'
import type { WebhookMetrics } from './webhook-metrics.ts'

const defaultTimeoutSeconds = 10

const known: ReadonlySet<string> = new Set(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'])

/** Answers are read as reviews of the version that was sent; those that do not say what they are, too. */
function checkReviewKind(body: unknown, version: string): void {
  const { apiVersion, kind } = body as { readonly apiVersion?: unknown; readonly kind?: unknown }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') return
  if (kind !== 'AdmissionReview' || !known.has(apiVersion)) {
    const what = `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}`
    throw new Error(`${what} in scheme "pkg/runtime/scheme.go:111"`)
  }
  const answered = apiVersion.slice(apiVersion.indexOf('/') + 1)
  if (answered !== version)
    throw new Error(`converting (${answered}.AdmissionReview) to (${version}.AdmissionReview): unknown conversion`)
}

export interface Calling {
  readonly client: WebhookClient
  readonly random: Random
  readonly clock: Clock
  readonly webhookMetrics?: WebhookMetrics
}

/** Asks one webhook, as {@link askHook}, and measures it. */
export async function callHook(
  invocation: Invocation<MutatingWebhook | ValidatingWebhook>,
  attributes: AdmissionAttributes,
  objects: { readonly object?: KubeObject; readonly oldObject?: KubeObject },
  mutating: boolean,
  calling: Calling,
): Promise<ReviewAnswer> {
  const { clock, webhookMetrics } = calling
  const { name, failurePolicy } = invocation.hook.webhook
  const began = clock.monotonic()
  const tell = (error?: unknown) =>
    webhookMetrics?.called(
      name,
      mutating ? 'admit' : 'validating',
      attributes.operation,
      (clock.monotonic() - began) / 1000,
      error,
      failurePolicy === 'Ignore',
    )
  try {
    const answer = await askHook(invocation, attributes, objects, mutating, calling)
    tell()
    return answer
  } catch (error) {
    tell(error)
    throw error
  }
}

/**
 * Asks one webhook. Throws WebhookCallError when it cannot be asked or does not make sense, ApiError when it says no;
 * passes its warnings and annotations on.
 */
async function askHook(
  invocation: Invocation<MutatingWebhook | ValidatingWebhook>,
  attributes: AdmissionAttributes,
  objects: { readonly object?: KubeObject; readonly oldObject?: KubeObject },
  mutating: boolean,
  { client, random }: Calling,
): Promise<ReviewAnswer> {
  const { webhook } = invocation.hook
  const { name } = webhook
  if (attributes.dryRun) {
    if (!webhook.sideEffects) throw new WebhookCallError(name, 'Webhook SideEffects is nil')
    if (webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') throw dryRunUnsupported(name)
  }
  const version = reviewVersion(webhook.admissionReviewVersions)
  if (version === undefined)
    throw new WebhookCallError(
      name,
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    )
  const uid = random.uuid()
  const review = admissionReview(version, uid, attributes, invocation, objects)
  let body: unknown
  try {
    const timeoutSeconds = webhook.timeoutSeconds ?? defaultTimeoutSeconds
    const call = () => {
      const span = activeSpan()
      const trace = span === undefined ? attributes.trace : traceContextFor(span.context)
      return client.post(webhook.clientConfig, review, timeoutSeconds, trace)
    }
    body = await traced('Call webhook', () => ({ webhook: name, operation: attributes.operation }), call, 'client')
    checkReviewKind(body, version)
  } catch (error) {
    throw new WebhookCallError(name, `failed to call webhook: ${(error as Error).message}`, { cause: error })
  }
  let answer: ReviewAnswer
  try {
    answer = verifyReview(version, uid, mutating, body)
  } catch (error) {
    throw new WebhookCallError(name, `received invalid webhook response: ${(error as Error).message}`)
  }
  for (const [key, value] of Object.entries(answer.auditAnnotations)) attributes.annotate(`${name}/${key}`, value)
  for (const warning of answer.warnings) attributes.warn(warning)
  if (!answer.allowed) throw rejection(name, answer.result)
  return answer
}
