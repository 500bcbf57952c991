import type { Counter, Family, MetricsRegistry } from '../../../machinery/metrics.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { type LevelVersion, levelVersionText } from './policy.ts'

const asked = ['request_operation', 'resource', 'subresource'] as const

/** What came of the checks, under upstream's names (pod-security-admission metrics). */
export class PodSecurityMetrics {
  readonly #evaluations: Family<Counter>
  readonly #exemptions: Family<Counter>
  readonly #errors: Family<Counter>

  constructor(metrics: MetricsRegistry) {
    this.#evaluations = metrics.counter(
      'pod_security_evaluations_total',
      'Pods and templates that were held against a policy.',
      ['decision', 'policy_level', 'policy_version', 'mode', ...asked],
    )
    this.#exemptions = metrics.counter('pod_security_exemptions_total', 'Requests that are exempt.', asked)
    this.#errors = metrics.counter('pod_security_errors_total', 'Requests for which a policy was not to be read.', [
      'fatal',
      ...asked,
    ])
    for (const operation of ['create', 'update']) {
      this.#evaluations.labels('allow', 'privileged', 'latest', 'enforce', operation, 'pod', '')
      for (const resource of ['pod', 'controller']) this.#exemptions.labels(operation, resource, '')
    }
  }

  evaluated(
    allowed: boolean,
    policy: LevelVersion,
    mode: 'enforce' | 'audit' | 'warn',
    about: AdmissionAttributes,
  ): void {
    const [, version = 'latest'] = policy.level === 'privileged' ? [] : levelVersionText(policy).split(':')
    this.#evaluations.labels(allowed ? 'allow' : 'deny', policy.level, version, mode, ...valuesOf(about)).inc()
  }
  exempted(about: AdmissionAttributes): void {
    this.#exemptions.labels(...valuesOf(about)).inc()
  }
  failed(fatal: boolean, about: AdmissionAttributes): void {
    this.#errors.labels(String(fatal), ...valuesOf(about)).inc()
  }
}

function valuesOf({ operation, resource, subresource }: AdmissionAttributes): readonly string[] {
  const name = resource.group === '' && resource.resource === 'pods' ? 'pod' : 'controller'
  return [operation.toLowerCase(), name, subresource]
}
