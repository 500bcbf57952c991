import { compileExpression, returns } from '../../../api/admissionregistration/expressions/compile-expression.ts'
import { admissionEnvironment } from '../../../api/admissionregistration/expressions/environment.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/types.generated.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import { convert, type MatchConditions } from '../webhook/invocation.ts'
import { AccessAnswers } from './access-answers.ts'
import { type CompiledConditions, conditionsHold } from './match-conditions.ts'
import type { PolicyMetrics } from './policy-metrics.ts'

/** Evaluates the match conditions of webhooks; each webhook's are compiled once. */
export function webhookConditions(authorizer: Authorizer, metrics?: PolicyMetrics): MatchConditions {
  const known = new WeakMap<MutatingWebhook | ValidatingWebhook, CompiledConditions>()
  const compiled = (webhook: MutatingWebhook | ValidatingWebhook) => {
    let conditions = known.get(webhook)
    if (conditions === undefined) {
      const environment = admissionEnvironment('stored', { params: false, authorizer: true })
      conditions = {
        conditions: (webhook.matchConditions ?? []).map(({ expression }) =>
          compileExpression(expression, environment, returns.condition),
        ),
        failurePolicy: webhook.failurePolicy ?? 'Fail',
      }
      known.set(webhook, conditions)
    }
    return conditions
  }
  return async ({ hook, kind, definition }, attributes) => {
    const versioned = async (object: typeof attributes.oldObject) =>
      object === undefined || definition === undefined ? object : convert(object, attributes.definition, definition)
    const subject = {
      attributes,
      // Conditions see the resource that was asked for, in the kind that the webhook is told.
      resource: attributes.resource,
      kind,
      object: await versioned(attributes.object as typeof attributes.oldObject),
      oldObject: await versioned(attributes.oldObject),
    }
    const access = new AccessAnswers(authorizer, attributes.user)
    const type = 'reinvocationPolicy' in hook.webhook ? 'admit' : 'validating'
    const conditions = compiled(hook.webhook)
    const told =
      conditions.conditions.length === 0
        ? undefined
        : metrics?.conditions(hook.webhook.name, 'webhook', type, attributes)
    return access.settle(() => conditionsHold(conditions, subject, { access, told }))
  }
}
