import type { FeatureEnabled } from '../../../api/features/feature-gates.ts'
import type { ResourceDefinition } from '../../../api/definition.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { Random } from '../../../machinery/random.ts'
import { webhookConditions } from '../policy/webhook-conditions.ts'
import type { AdmissionServices } from '../services.ts'
import type { InvocationServices } from './invocation.ts'
import type { WebhookClient } from './webhook-client.ts'
import type { WebhookMetrics } from './webhook-metrics.ts'

/** What the two webhook plugins need. */
export interface WebhookServices extends InvocationServices {
  readonly client: WebhookClient
  readonly enabled: FeatureEnabled
  readonly random: Random
  readonly clock: Clock
  readonly log: Logger
  readonly webhookMetrics?: WebhookMetrics
}

export function webhookServices({
  enabled,
  lister,
  random,
  clock,
  log,
  webhookMetrics,
  definitions,
  webhookClient,
  authorizer,
  policyMetrics,
}: AdmissionServices): WebhookServices {
  return {
    enabled,
    lister,
    random,
    clock,
    log,
    webhookMetrics,
    client: webhookClient,
    matchConditions: webhookConditions(authorizer, policyMetrics),
    equivalents: equivalentsAmong(definitions),
  }
}

/** Versions of the same objects lie at the same place in the store. */
export function equivalentsAmong(definitions: () => Iterable<ResourceDefinition>): InvocationServices['equivalents'] {
  return (definition) =>
    [...definitions()].filter(
      (other) =>
        other.storagePrefix === definition.storagePrefix &&
        (other.version !== definition.version || other.group !== definition.group),
    )
}
