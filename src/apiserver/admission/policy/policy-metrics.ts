import type { Clock } from '../../../machinery/clock.ts'
import type { Counter, Family, Histogram, MetricsRegistry } from '../../../machinery/metrics.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { OutOfBudget } from './evaluation.ts'

const checkSeconds = [0.0000005, 0.001, 0.01, 0.1, 1]
const conditionSeconds = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25]

/** Told how the match conditions of one policy or webhook went. */
export interface ConditionsTold {
  evaluated(): void
  failed(): void
  excluded(): void
}

/** How policies judge and change requests (apiserver pkg/admission/metrics, plugin/policy/{validating,mutating}/metrics). */
export class PolicyMetrics {
  readonly clock: Clock
  readonly #checks: Family<Counter>
  readonly #checkSeconds: Family<Histogram>
  readonly #mutations: Family<Counter>
  readonly #mutationSeconds: Family<Histogram>
  readonly #conditionErrors: Family<Counter>
  readonly #exclusions: Family<Counter>
  readonly #conditionSeconds: Family<Histogram>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.clock = clock
    const of = ['policy', 'policy_binding', 'error_type']
    const validating = (what: string) => `apiserver_validating_admission_policy_check_${what}`
    const mutating = (what: string) => `apiserver_mutating_admission_policy_check_${what}`
    const judged = [...of, 'enforcement_action']
    this.#checks = metrics.counter(validating('total'), 'Requests that a policy found wrong.', judged)
    this.#checkSeconds = metrics.histogram(
      validating('duration_seconds'),
      'Time until a policy found a request wrong.',
      checkSeconds,
      judged,
    )
    this.#mutations = metrics.counter(mutating('total'), 'Mutations of requests by a policy.', of)
    this.#mutationSeconds = metrics.histogram(mutating('duration_seconds'), 'Time of mutations.', checkSeconds, of)
    const asked = ['name', 'kind', 'type', 'operation']
    const conditions = (what: string) => `apiserver_admission_match_condition_${what}`
    this.#conditionErrors = metrics.counter(conditions('evaluation_errors_total'), 'Conditions that failed.', asked)
    this.#exclusions = metrics.counter(
      conditions('exclusions_total'),
      'Requests that conditions kept from a policy or webhook.',
      asked,
    )
    this.#conditionSeconds = metrics.histogram(
      conditions('evaluation_seconds'),
      'Time of the conditions of a policy or webhook.',
      conditionSeconds,
      asked,
    )
  }

  /** `action`: Deny, Audit or Warn, or allow for what failed and is ignored; `error`: what failed, '' for a plain no. */
  found(
    of: { readonly policy: string; readonly binding: string },
    action: string,
    error: string,
    seconds: number,
  ): void {
    const labels = [of.policy, of.binding, errorTypeOf(error), action.toLowerCase()]
    this.#checks.labels(...labels).inc()
    this.#checkSeconds.labels(...labels).observe(seconds)
  }

  mutated(policy: string, binding: string, error: unknown, seconds: number): void {
    const type = error === undefined ? 'no_error' : error instanceof OutOfBudget ? 'out_of_budget' : 'invalid_error'
    this.#mutations.labels(policy, binding, type).inc()
    this.#mutationSeconds.labels(policy, binding, type).observe(seconds)
  }

  conditions(
    name: string,
    kind: 'policy' | 'webhook',
    type: 'validate' | 'validating' | 'admit',
    { operation }: Pick<AdmissionAttributes, 'operation'>,
  ): ConditionsTold {
    const labels = [name, kind, type, operation] as const
    const began = this.clock.monotonic()
    return {
      evaluated: () => this.#conditionSeconds.labels(...labels).observe((this.clock.monotonic() - began) / 1000),
      failed: () => this.#conditionErrors.labels(...labels).inc(),
      excluded: () => this.#exclusions.labels(...labels).inc(),
    }
  }
}

/** A plain no is an invalid_error too, as upstream's. */
function errorTypeOf(message: string): string {
  if (message.startsWith('compilation')) return 'compile_error'
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error'
}
