import type { ResourceDefinition } from '../../api/definition.ts'
import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { RuleResolver } from '../authorization/rbac/rbac-authorizer.ts'
import type { Lister } from '../lister.ts'
import type { ObjectWriter } from '../object-writer.ts'
import type { PolicyMetrics } from './policy/policy-metrics.ts'
import type { WebhookClient } from './webhook/webhook-client.ts'
import type { WebhookMetrics } from './webhook/webhook-metrics.ts'

/** What admission plugins may ask of the server; each takes what it needs. */
export interface AdmissionServices {
  readonly lister: Lister
  readonly writer: ObjectWriter
  readonly authorizer: Authorizer
  readonly rules: RuleResolver
  /** Every kind that is served, in each of its versions. */
  readonly definitions: () => Iterable<ResourceDefinition>
  readonly webhookClient: WebhookClient
  /** Which features of upstream's are on. */
  readonly enabled: FeatureEnabled
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Absent: nothing is counted. */
  readonly metrics?: MetricsRegistry
  readonly webhookMetrics?: WebhookMetrics
  readonly policyMetrics?: PolicyMetrics
}
