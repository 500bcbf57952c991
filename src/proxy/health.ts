import type { Server, ServerResponse } from 'node:http'
import { http } from '../machinery/node-http.ts'
import type { Node } from '../api/types.generated.ts'
import type { Clock } from '../machinery/clock.ts'
import { goQuote } from '../machinery/field-error.ts'
import type { Logger } from '../machinery/log.ts'

/** How late a change may be in the kernel before the proxy counts as ill (upstream: twice the sync period of 30 s). */
const lateMs = 60_000

/** Whether the rules follow the API. */
export class ProxyHealth {
  readonly #clock: Clock
  #lastUpdated: number
  #oldestPending: number | undefined
  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastUpdated = clock.now()
  }
  queued(): void {
    this.#oldestPending ??= this.#clock.now()
  }
  updated(): void {
    this.#oldestPending = undefined
    this.#lastUpdated = this.#clock.now()
  }
  get healthy(): boolean {
    return this.#oldestPending === undefined || this.#clock.now() - this.#oldestPending < lateMs
  }
  /** The body of /healthz and /livez (upstream pkg/proxy/healthcheck/proxy_health.go). */
  body(ok: boolean, families: readonly (4 | 6)[], nodeEligible?: boolean): string {
    const time = (ms: number) => new Date(ms).toISOString()
    const now = this.#clock.now()
    const one = { lastUpdated: time(this.#lastUpdated), healthy: this.healthy }
    return JSON.stringify({
      lastUpdated: ok ? time(now) : one.lastUpdated,
      currentTime: time(now),
      nodeEligible,
      healthy: this.healthy,
      status: Object.fromEntries(families.map((family) => [`IPv${family}`, one])),
    })
  }
}

/** A node that is about to go takes no more traffic of load balancers. */
export function isEligible(node: Node | undefined): boolean {
  return (
    node !== undefined &&
    node.metadata.deletionTimestamp === undefined &&
    !(node.spec?.taints ?? []).some(({ key }) => key === 'ToBeDeletedByClusterAutoscaler')
  )
}

/** The answer of a service's health check port; its shape is upstream's, down to the white space. */
export function serviceHealthBody(namespace: string, name: string, localEndpoints: number, healthy: boolean): string {
  return [
    '{',
    '\t"service": {',
    `\t\t"namespace": ${goQuote(namespace)},`,
    `\t\t"name": ${goQuote(name)}`,
    '\t},',
    `\t"localEndpoints": ${localEndpoints},`,
    `\t"serviceProxyHealthy": ${healthy}`,
    '}',
  ].join('\n')
}

function answer(response: ServerResponse, ok: boolean, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(ok ? 200 : 503, {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(body)
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** `/healthz` and `/livez` of the proxy itself. `port` 0: a free one, which `address` then tells. */
export async function serveProxyHealth(options: {
  readonly health: ProxyHealth
  readonly families: readonly (4 | 6)[]
  readonly node: () => Node | undefined
  readonly host?: string
  readonly port: number
  /** Told of each answer. */
  readonly answered?: (path: '/healthz' | '/livez', code: number) => void
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { health, families, node, host, port } = options
  const server = http.createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/healthz') {
      const eligible = isEligible(node())
      const ok = health.healthy && eligible
      options.answered?.(path, ok ? 200 : 503)
      answer(response, ok, health.body(ok, families, eligible))
    } else if (path === '/livez') {
      options.answered?.(path, health.healthy ? 200 : 503)
      answer(response, health.healthy, health.body(health.healthy, families))
    } else response.writeHead(404).end('404 page not found\n')
  })
  await listen(server, port, host)
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? port) : port, close: () => close(server) }
}

export interface ServiceHealth {
  readonly port: number
  readonly localEndpoints: number
}

/** Answers load balancers that ask which nodes have endpoints of a service with externalTrafficPolicy Local. */
export class ServiceHealthServers {
  readonly #health: ProxyHealth
  readonly #log: Logger
  readonly #servers = new Map<string, { state: ServiceHealth; server: Server }>()
  #work: Promise<void> = Promise.resolve()

  constructor(health: ProxyHealth, log: Logger) {
    this.#health = health
    this.#log = log
  }

  /** `wanted`: by `namespace/name`. Resolves when the ports are open, or reported as taken. */
  sync(wanted: ReadonlyMap<string, ServiceHealth>): Promise<void> {
    this.#work = this.#work.then(() => this.#sync(wanted))
    return this.#work
  }

  async #sync(wanted: ReadonlyMap<string, ServiceHealth>): Promise<void> {
    for (const [key, { state, server }] of this.#servers) {
      if (wanted.get(key)?.port === state.port) continue
      this.#servers.delete(key)
      await close(server)
    }
    for (const [key, state] of wanted) {
      const open = this.#servers.get(key)
      if (open !== undefined) open.state = state
      else await this.#open(key, state)
    }
  }

  async #open(key: string, state: ServiceHealth): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    const server = http.createServer((_, response) => {
      const count = this.#servers.get(key)?.state.localEndpoints ?? 0
      const { healthy } = this.#health
      answer(response, count > 0 && healthy, serviceHealthBody(namespace, name, count, healthy), {
        'X-Load-Balancing-Endpoint-Weight': String(count),
      })
    })
    try {
      await listen(server, state.port, undefined)
      this.#servers.set(key, { state, server })
    } catch (error) {
      this.#log.error('the health check of a service cannot listen', { service: key, port: state.port, error })
    }
  }

  close(): Promise<void> {
    return this.sync(new Map())
  }
}
