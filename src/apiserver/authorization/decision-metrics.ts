import type { Counter, Family, MetricsRegistry } from '../../machinery/metrics.ts'
import type { AuthorizationResult, Authorizer } from './authorizer.ts'

/** Which authorizer decided how, under upstream's name (apiserver pkg/authorization/metrics). */
export class AuthorizationDecisions {
  readonly #decisions: Family<Counter>

  constructor(metrics: MetricsRegistry) {
    this.#decisions = metrics.counter(
      'apiserver_authorization_decisions_total',
      'Requests that an authorizer allowed or denied; no opinion is none.',
      ['type', 'name', 'decision'],
    )
  }

  /** Decides as `authorizer` does. */
  counted(type: string, name: string, authorizer: Authorizer): Authorizer {
    let allowed: Counter | undefined
    const count = (result: AuthorizationResult) => {
      if (result.decision === 'allow') (allowed ??= this.#decisions.labels(type, name, 'allowed')).inc()
      else if (result.decision === 'deny') this.#decisions.labels(type, name, 'denied').inc()
      return result
    }
    return {
      authorize(attributes) {
        const deciding = authorizer.authorize(attributes)
        return deciding instanceof Promise ? deciding.then(count) : count(deciding)
      },
      rulesFor: authorizer.rulesFor && ((user, namespace) => authorizer.rulesFor!(user, namespace)),
    }
  }
}
