import { goQuote } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import { type Counter, type Family, type Gauge, MetricsRegistry } from '../../machinery/metrics.ts'
import type { Answer } from '../answer.ts'
import { PageNotFound } from '../../machinery/errors.ts'
import type { PathHandler, PathRouter } from '../routing/path-router.ts'

/** Throws, or rejects, with why something is not well. */
export interface HealthCheck {
  readonly name: string
  readonly check: () => void | Promise<void>
}

/** `/healthz`, `/livez` or `/readyz` and a path per check below it (apiserver pkg/server/healthz/healthz.go). */
export function addHealth(
  router: PathRouter,
  name: 'healthz' | 'livez' | 'readyz',
  checks: () => readonly HealthCheck[],
  log: Logger,
  metrics: HealthMetrics,
): void {
  const all: PathHandler = async ({ request }) => {
    const excluded = new Set(request.query.all('exclude'))
    const unknown = new Set(excluded)
    let text = ''
    const failed: string[] = []
    for (const check of checks()) {
      if (excluded.has(check.name)) {
        unknown.delete(check.name)
        text += `[+]${check.name} excluded: ok\n`
        continue
      }
      const error = await faultOf(check)
      metrics.checked(name, check.name, error === undefined)
      if (error === undefined) text += `[+]${check.name} ok\n`
      else {
        // The path is public: why it failed is for the log only.
        text += `[-]${check.name} failed: reason withheld\n`
        log.info('health check failed', { endpoint: name, check: check.name, error })
        failed.push(check.name)
      }
    }
    if (unknown.size > 0) {
      const names = [...unknown].sort().map(goQuote).join(',')
      text += `warn: some health checks cannot be excluded: no matches for ${names}\n`
    }
    if (failed.length > 0) return plain(500, `${text}${name} check failed\n`)
    return plain(200, request.query.has('verbose') ? `${text}${name} check passed\n` : 'ok')
  }
  const one: PathHandler = async ({ request }) => {
    const wanted = request.segments.slice(1).join('/')
    const check = checks().find((candidate) => candidate.name === wanted)
    if (check === undefined) throw new PageNotFound()
    const error = await faultOf(check)
    metrics.checked(name, check.name, error === undefined)
    return error === undefined
      ? { type: 'raw', code: 200, contentType: 'text/plain; charset=utf-8', body: 'ok' }
      : plain(500, `internal server error: ${String(error)}\n`)
  }
  router.add(`/${name}`, all)
  router.add(`/${name}/*`, (context) => (context.request.segments.length === 1 ? all(context) : one(context)))
}

/** What health was found, at `/metrics/slis` (component-base metrics/prometheus/slis). */
export class HealthMetrics {
  readonly registry: MetricsRegistry = new MetricsRegistry()
  readonly #last: Family<Gauge>
  readonly #total: Family<Counter>

  constructor() {
    this.#last = this.registry.gauge('kubernetes_healthcheck', '1 when the check passed last, 0 when it failed.', [
      'name',
      'type',
    ])
    this.#total = this.registry.counter('kubernetes_healthchecks_total', 'What came of the checks.', [
      'name',
      'status',
      'type',
    ])
  }

  checked(type: string, name: string, isWell: boolean): void {
    this.#last.labels(name, type).set(isWell ? 1 : 0)
    this.#total.labels(name, isWell ? 'success' : 'error', type).inc()
  }
}

async function faultOf(check: HealthCheck): Promise<unknown> {
  try {
    await check.check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

function plain(code: number, body: string): Answer {
  return {
    type: 'raw',
    code,
    contentType: 'text/plain; charset=utf-8',
    headers: { 'x-content-type-options': 'nosniff' },
    body,
  }
}
