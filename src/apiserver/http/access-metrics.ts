import type { Clock } from '../../machinery/clock.ts'
import type { Counter, Family, Histogram, MetricsRegistry } from '../../machinery/metrics.ts'
import type { AuthenticationResult } from '../authentication/authenticator.ts'
import type { AuthorizationResult } from '../authorization/authorizer.ts'

const durations = Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at)

/** How often who asks was found out, and whether they may (apiserver pkg/endpoints/filters/metrics.go). */
export class AccessMetrics {
  readonly #clock: Clock
  readonly #users: Family<Counter>
  readonly #authentications: Family<Counter>
  readonly #authenticationSeconds: Family<Histogram>
  readonly #authorizations: Family<Counter>
  readonly #authenticationFilter: Histogram
  readonly #authorizationFilter: Histogram
  readonly #authorizationSeconds: Family<Histogram>

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock
    this.#users = metrics.counter('authenticated_user_requests', 'Requests by who asked, without names of people.', [
      'username',
    ])
    this.#authentications = metrics.counter('authentication_attempts', 'Requests by what came of their credentials.', [
      'result',
    ])
    this.#authenticationSeconds = metrics.histogram(
      'authentication_duration_seconds',
      'Time until it was known who asks.',
      durations,
      ['result'],
    )
    const filters = metrics.histogram(
      'apiserver_request_filter_duration_seconds',
      'Time that a request spent in each stage before it was handled.',
      [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30],
      ['filter'],
    )
    this.#authenticationFilter = filters.labels('authentication')
    this.#authorizationFilter = filters.labels('authorization')
    this.#authorizations = metrics.counter('authorization_attempts_total', 'Requests by whether they may.', ['result'])
    this.#authorizationSeconds = metrics.histogram(
      'authorization_duration_seconds',
      'Time until it was known whether a request may.',
      durations,
      ['result'],
    )
  }

  /** Rejects as `authenticating` does; a rejection with a cause is of a credential that does not hold. */
  async authentication(authenticating: Promise<AuthenticationResult>): Promise<AuthenticationResult> {
    const began = this.#clock.monotonic()
    let result = 'error'
    try {
      const authenticated = await authenticating
      result = 'success'
      this.#users.labels(kindOfName(authenticated.user.name)).inc()
      return authenticated
    } catch (error) {
      if ((error as Error).cause === undefined) result = 'failure'
      throw error
    } finally {
      this.#authentications.labels(result).inc()
      const seconds = (this.#clock.monotonic() - began) / 1000
      this.#authenticationSeconds.labels(result).observe(seconds)
      this.#authenticationFilter.observe(seconds)
    }
  }

  authorization(decide: () => AuthorizationResult | Promise<AuthorizationResult>) {
    const began = this.#clock.monotonic()
    const deciding = decide()
    if (!(deciding instanceof Promise)) return this.#decided(deciding, began)
    return deciding.then((decided) => this.#decided(decided, began))
  }

  #decided(decided: AuthorizationResult, began: number): AuthorizationResult {
    const result = labelOf(decided)
    this.#authorizations.labels(result).inc()
    const seconds = (this.#clock.monotonic() - began) / 1000
    this.#authorizationSeconds.labels(result).observe(seconds)
    this.#authorizationFilter.observe(seconds)
    return decided
  }
}

function labelOf({ decision, error }: AuthorizationResult): string {
  if (decision === 'allow') return 'allowed'
  if (error !== undefined) return 'error'
  return decision === 'deny' ? 'denied' : 'no-opinion'
}

const ownNames = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'])

/** Names of people are nobody's to read in metrics. */
function kindOfName(name: string): string {
  if (ownNames.has(name)) return name
  return name.includes('@') ? 'email_id' : 'other'
}
