import type { TlsOptions } from 'node:tls'
import type { ResourceDefinition } from '../api/definition.ts'
import { defaultFeatureGates, type FeatureGates } from '../api/features/feature-gates.ts'
import type { UserInfo } from '../api/user.ts'
import type { Transport } from '../client/transport.ts'
import { type Clock, pause } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { addProcessMetrics, type BuildInfo } from '../machinery/process-metrics.ts'
import type { Random } from '../machinery/random.ts'
import type { Tracer } from '../machinery/tracing/tracer.ts'
import { createCompactor } from '../store/compactor.ts'
import type { Store } from '../store/store.ts'
import { admissionChain } from './admission/admission-chain.ts'
import { AdmissionMetrics } from './admission/admission-metrics.ts'
import type { AdmissionPlugin } from './admission/plugin.ts'
import type { Audit } from './audit/audit.ts'
import type { AuthenticationRequest, AuthenticationResult } from './authentication/authenticator.ts'
import type { TokenIssuer } from './authentication/token-issuer.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { Reviews } from './authorization/review.ts'
import type { RemoteApis } from './aggregation/remote-apis.ts'
import { addCacheMetrics } from './cache/cache-metrics.ts'
import { StoreFeed } from './cache/store-feed.ts'
import { addDiscovery } from './endpoints/discovery.ts'
import { addHealth, type HealthCheck, HealthMetrics } from './endpoints/health.ts'
import { addRoot } from './endpoints/root.ts'
import { addOpenApi } from './endpoints/openapi.ts'
import { addFeatureMetrics } from './endpoints/feature-metrics.ts'
import { buildInfo, versionAnswer } from './endpoints/version.ts'
import type { ConnectHandler } from './handlers/connect-handler.ts'
import type { Fairness } from './fairness/fairness.ts'
import { serveMetrics } from './endpoints/metrics.ts'
import { AccessMetrics } from './http/access-metrics.ts'
import { isLongRunning } from './http/request-kind.ts'
import { RequestMetrics } from './http/request-metrics.ts'
import { Listener } from './http/listener.ts'
import { serveExchange } from './http/serve-exchange.ts'
import { WriteRounds } from './http/write-rounds.ts'
import { type InProcessMetrics, inProcessTransport } from './in-process.ts'
import type { Lister } from './lister.ts'
import { Pipeline } from './pipeline.ts'
import type { ComponentProbes } from './registry/component-status.ts'
import type { PortRange } from './registry/service/port-allocator.ts'
import { addAllocatorMetrics } from './registry/service/allocator-metrics.ts'
import { isServingTls, type ServingTls } from './serving/serving-tls.ts'
import { StorageMetrics } from './registry/storage-metrics.ts'
import { encryptedStore } from './encryption/encrypted-store.ts'
import type { Encryption } from './encryption/encryption.ts'
import { Lifecycle } from './lifecycle.ts'
import { type ProtocolOptions, protocolOptions } from './options/protocol-options.ts'
import { checkAccept } from './negotiation/route-media-types.ts'
import { onlyRead, PathRouter } from './routing/path-router.ts'
import type { ResourceMap } from './routing/resource-map.ts'
import { ServedResources } from './served-resources.ts'
import { type FlagValues, flagzPage } from './zpages/flagz.ts'
import { statuszPage } from './zpages/statusz.ts'
import { serveZpage } from './zpages/zpage.ts'

export interface ApiServerOptions {
  readonly store: Store
  readonly kinds: readonly ResourceDefinition[]
  /** Which of them are served; the others only the server's own parts see. Default: all. */
  readonly isServed?: (definition: ResourceDefinition) => boolean
  /** Default: as the release has them. */
  readonly features?: FeatureGates
  readonly authentication: { authenticate(request: AuthenticationRequest): Promise<AuthenticationResult> }
  readonly authorizer: Authorizer
  /** Absent: nothing is told of requests. */
  readonly audit?: Audit
  /** Absent: no request is recorded. */
  readonly tracer?: Tracer
  readonly fairness?: Fairness
  /** In order. */
  readonly admission: readonly AdmissionPlugin[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** What is counted, and served at `/metrics`. Default: a new one. */
  readonly metrics?: MetricsRegistry
  /** Absent: only in-process. Port 0: any. */
  readonly listen?: { readonly addresses: readonly string[]; readonly port: number }
  /** `host:port` at which clients find the server, for discovery; default: where it listens. */
  readonly advertised?: string
  readonly tls?: TlsOptions | ServingTls
  /** Whether other processes may listen at the same port. */
  readonly sharesPort?: boolean
  /** Streaming subresources, by `pods/exec`. */
  readonly connects?: ReadonlyMap<string, ConnectHandler>
  readonly tokenIssuer?: TokenIssuer
  /** What the server's own parts read of its state; needed with a tokenIssuer. */
  readonly lister?: Lister
  readonly reviews?: Reviews
  /** Ports that services may have on nodes; default 30000–32767. */
  readonly nodePorts?: PortRange
  readonly componentProbes?: ComponentProbes
  /** Group versions that other servers serve. */
  readonly remotes?: RemoteApis
  /** What lies encrypted in the store; default nothing. */
  readonly encryption?: Encryption
  readonly build?: { readonly gitCommit: string; readonly buildDate: string }
  /** How the process was started, for `/flagz`. */
  readonly flags?: FlagValues
  /** Further conditions of readiness. */
  readonly readyChecks?: readonly HealthCheck[]
  /** Default: as kube-apiserver without flags. */
  readonly protocol?: ProtocolOptions
  /** Milliseconds that open requests have when the server stops. */
  readonly shutdownGraceMs?: number
}

export interface ApiServer extends Component {
  readonly pipeline: Pipeline
  readonly resources: ResourceMap
  /** Custom kinds are added and taken away here. */
  readonly served: ServedResources
  /** Paths that are no resources; others may add theirs before the server starts. */
  readonly paths: PathRouter
  readonly feed: StoreFeed
  /** Others may add theirs; served at `/metrics`. */
  readonly metrics: MetricsRegistry
  /** Where it listens: `https://127.0.0.1:6443`. */
  readonly address: string
  readonly port: number
  inProcess(user: UserInfo, userAgent?: string): Transport
}

const root = '/registry/'
/** How long requests that were there may still take once no new ones are. */
const drainMs = 60_000

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, random, log, metrics = new MetricsRegistry(), protocol = protocolOptions({}) } = options
  const { features = defaultFeatureGates } = options
  options.fairness?.tellInto?.(metrics)
  const sealed = options.encryption && encryptedStore(options.store, root, options.encryption, log)
  const store = sealed ?? options.store
  const isStale = sealed && ((key: string) => sealed.isStale(key))
  const lifecycle = new Lifecycle()
  const feed = new StoreFeed({ store, root, now: () => clock.now(), log, onFailure: (error) => lifecycle.fail(error) })
  const served = new ServedResources({
    ...options,
    store,
    feed,
    root,
    metrics: new StorageMetrics(metrics, clock),
    connects: options.connects ?? new Map(),
    tokenIssuer: options.tokenIssuer,
    lister: options.lister,
    reviews: options.reviews ?? {},
    componentProbes: options.componentProbes ?? {},
    nodePorts: options.nodePorts ?? { first: 30000, last: 32767 },
    eventTtlSeconds: protocol.eventTtlSeconds,
    isStale,
  })
  const paths = new PathRouter()
  const pipeline = new Pipeline({
    authenticate: (request) => options.authentication.authenticate(request),
    authorizer: options.authorizer,
    audit: options.audit,
    tracer: options.tracer,
    fairness: options.fairness,
    metrics: new AccessMetrics(metrics, clock),
    resources: served.map,
    paths,
    remotes: options.remotes,
    log,
    services: {
      feed,
      clock,
      random,
      admission: admissionChain(options.admission, { metrics: new AdmissionMetrics(metrics), clock }),
      authorizer: options.authorizer,
      isKnownKind: (apiVersion, kind) => served.map.hasKind(apiVersion, kind),
      enabled: features.enabled,
      setDefaults: (definition, draft) => definition.rules.setDefaults?.(draft, clock.now(), features.enabled),
      minRequestTimeoutSeconds: protocol.minRequestTimeoutSeconds,
      deleteCollectionWorkers: protocol.deleteCollectionWorkers,
      onStop: (callback) => lifecycle.onStop(callback),
    },
  })
  const requestMetrics = new RequestMetrics({ metrics, resources: served.map })
  const serving = {
    pipeline,
    metrics: requestMetrics,
    clock,
    random,
    log,
    rounds: new WriteRounds(clock),
    protocol,
    lifecycle,
    compresses: features.enabled('APIResponseCompression'),
  }
  const inProcessMetrics: InProcessMetrics = {
    begin(info, { query, headers }, user) {
      if (user.name === 'system:apiserver') requestMetrics.selfRequest(info)
      const ended = requestMetrics.begin(info, query, isLongRunning(info), headers['content-type'])
      const began = clock.monotonic()
      return (code) => ended(code, (clock.monotonic() - began) / 1000)
    },
  }
  const compactor = createCompactor({ store, clock, log, intervalMs: protocol.compactionIntervalMs })
  let listener: Listener | undefined
  let port = 0
  const hostAndPort = () => {
    const host = options.listen?.addresses[0] ?? '127.0.0.1'
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }
  const build = buildInfo(options.build ?? { gitCommit: '', buildDate: '' })
  addPaths(paths, { ...options, build, metrics }, lifecycle, served, () => options.advertised ?? hostAndPort())
  addProcessMetrics(metrics, clock, build)
  addCacheMetrics(metrics, { served, feed, store })
  addAllocatorMetrics(metrics, served.addresses, served.ports)
  addFeatureMetrics(metrics, features)
  return {
    name: 'apiserver',
    pipeline,
    resources: served.map,
    served,
    paths,
    feed,
    metrics,
    get address() {
      return `${options.tls === undefined ? 'http' : 'https'}://${hostAndPort()}`
    },
    get port() {
      return port
    },
    inProcess: (user, userAgent = 'skiff') => inProcessTransport(pipeline, user, userAgent, inProcessMetrics),
    async start() {
      await feed.start()
      await compactor.start()
      if (options.listen === undefined) return
      const { tls } = options
      const changing = tls !== undefined && isServingTls(tls) ? tls : undefined
      listener = new Listener({
        tls: changing?.options ?? (tls as TlsOptions | undefined),
        sharesPort: options.sharesPort,
        clock,
        maxStreams: protocol.maxStreams,
        onHandshakeFailed: () => requestMetrics.tlsHandshakeFailed(),
        onExchange: (exchange) => {
          serveExchange(exchange, serving).catch((error: unknown) => {
            log.error('a request failed beyond its answer', { target: exchange.target, error })
            exchange.destroy()
          })
        },
      })
      changing?.onChange((next) => listener?.renewTls(next))
      for (const address of options.listen.addresses) {
        port = (await listener.listen(address, port || options.listen.port)).port
      }
    },
    async stop() {
      if (lifecycle.stopping) return
      lifecycle.stopping = true
      const { delayMs, sendsRetryAfter, watchGraceMs } = protocol.shutdown
      if (delayMs > 0) await pause(clock, delayMs)
      lifecycle.refusing = sendsRetryAfter
      const ended = lifecycle.end(clock, watchGraceMs)
      if (sendsRetryAfter) await lifecycle.drained(clock, drainMs)
      await ended
      await compactor.stop()
      await listener?.close(options.shutdownGraceMs ?? 2000)
      feed.stop()
    },
  }
}

function addPaths(
  paths: PathRouter,
  options: ApiServerOptions & { readonly build: BuildInfo; readonly metrics: MetricsRegistry },
  lifecycle: Lifecycle,
  served: ServedResources,
  hostAndPort: () => string,
): void {
  const { store, log } = options
  const alive: HealthCheck[] = [
    { name: 'ping', check: () => {} },
    // Upstream's asks whether its logs are flushed; ours are not kept back.
    { name: 'log', check: () => {} },
    {
      name: 'etcd',
      check: async () => {
        if (lifecycle.failure !== undefined) throw lifecycle.failure
        await store.revision()
      },
    },
  ]
  const shutdown: HealthCheck = {
    name: 'shutdown',
    check: () => {
      if (lifecycle.stopping) throw new Error('process is shutting down')
    },
  }
  const healthMetrics = new HealthMetrics()
  // Prometheus reads from it where counters began (component-base metrics/http.go).
  const started = { 'process-start-time-unix': String(Math.floor(options.clock.now() / 1000)) }
  paths.add('/metrics', serveMetrics(options.metrics, started))
  paths.add('/metrics/slis', serveMetrics(healthMetrics.registry, started))
  addHealth(paths, 'healthz', () => alive, log, healthMetrics)
  addHealth(paths, 'livez', () => alive, log, healthMetrics)
  addHealth(paths, 'readyz', () => [...alive, ...(options.readyChecks ?? []), shutdown], log, healthMetrics)
  const { clock, random, build } = options
  const startedMs = clock.now()
  const { enabled } = options.features ?? defaultFeatureGates
  const pages = [
    ...(enabled('ComponentStatusz')
      ? [statuszPage({ component: 'apiserver', build, paths: () => paths.paths(), startedMs, clock })]
      : []),
    ...(enabled('ComponentFlagz') ? [flagzPage('apiserver', options.flags ?? {})] : []),
  ]
  for (const page of pages) paths.add(`/${page.kind.toLowerCase()}`, serveZpage(page, random))
  addRoot(paths, served.map)
  const version = versionAnswer(build)
  paths.add(
    '/version',
    onlyRead(({ request }) => {
      checkAccept(request.headers.accept, ['application/json'])
      return version
    }),
  )
  const { remotes, metrics } = options
  addDiscovery(paths, served.map, hostAndPort, { remotes, enabled, metrics })
  addOpenApi(paths, served.map, options.clock, { remotes, enabled })
}
