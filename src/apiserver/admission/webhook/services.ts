import type { ResourceDefinition } from '../../../api/definition.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { Random } from '../../../machinery/random.ts'
import type { AdmissionServices } from '../services.ts'
import type { InvocationServices } from './invocation.ts'
import type { WebhookClient } from './webhook-client.ts'

/** What the two webhook plugins need. */
export interface WebhookServices extends InvocationServices {
  readonly client: WebhookClient
  readonly random: Random
  readonly log: Logger
}

/** Versions of the same objects lie at the same place in the store. */
export function webhookServices({
  lister,
  random,
  log,
  definitions,
  webhookClient,
}: AdmissionServices): WebhookServices {
  return {
    lister,
    random,
    log,
    client: webhookClient,
    equivalents: (definition: ResourceDefinition) =>
      [...definitions()].filter(
        (other) =>
          other.storagePrefix === definition.storagePrefix &&
          (other.version !== definition.version || other.group !== definition.group),
      ),
  }
}
