import type { Client } from '../../client/client.ts'
import { newKeyPair, certificateLifetimeMs, backdateMs, privateKeyPem } from '../../apiserver/pki/authority.ts'
import { createDelegatedAccess } from '../../apiserver/delegated/delegated-access.ts'
import { PathPipeline } from '../../apiserver/delegated/path-pipeline.ts'
import { addHealth, type HealthCheck, HealthMetrics } from '../../apiserver/endpoints/health.ts'
import { serveMetrics } from '../../apiserver/endpoints/metrics.ts'
import { buildInfo } from '../../apiserver/endpoints/version.ts'
import { AccessMetrics } from '../../apiserver/http/access-metrics.ts'
import { Listener } from '../../apiserver/http/listener.ts'
import { RequestMetrics } from '../../apiserver/http/request-metrics.ts'
import { serveExchange } from '../../apiserver/http/serve-exchange.ts'
import { WriteRounds } from '../../apiserver/http/write-rounds.ts'
import { Lifecycle } from '../../apiserver/lifecycle.ts'
import { protocolOptions } from '../../apiserver/options/protocol-options.ts'
import { PathRouter } from '../../apiserver/routing/path-router.ts'
import { ResourceMap } from '../../apiserver/routing/resource-map.ts'
import { type FlagValues, flagValues, flagzPage } from '../../apiserver/zpages/flagz.ts'
import { statuszPage } from '../../apiserver/zpages/statusz.ts'
import { serveZpage } from '../../apiserver/zpages/zpage.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { addProcessMetrics, addStartTime } from '../../machinery/process-metrics.ts'
import type { Random } from '../../machinery/random.ts'
import { alternativeNamesOf } from '../../machinery/x509/alternative-names.ts'
import { createCertificate } from '../../machinery/x509/certificate.ts'
import { encodePem } from '../../machinery/x509/pem.ts'

export { flagValues }

/** Where a part tells of itself: --secure-port (0: nowhere) and --bind-address. */
export interface SecureServing {
  readonly port: number
  readonly bindAddress: string
}

/** What a part tells there. */
export interface PartStatus {
  /** As upstream's part is called: `kube-scheduler`. */
  readonly component: string
  readonly healthy: () => readonly HealthCheck[]
  readonly ready: () => readonly HealthCheck[]
  /** By the name that upstream's `/configz` has for it. */
  readonly configuration: () => Readonly<Record<string, object>>
  /** What is told at `/metrics/resources`, if anything is. */
  readonly resources?: () => MetricsRegistry
  readonly flags: FlagValues
}

/** A part that can tell how it is. */
export interface ObservedPart extends Component {
  readonly status: Omit<PartStatus, 'flags'>
}

export interface PartServerOptions extends SecureServing {
  /** Asks who may ask. */
  readonly client: Client
  readonly metrics: MetricsRegistry
  readonly status: PartStatus
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/**
 * The secure port of a part that is no API server: health, metrics, configuration and pages about itself, for whom the
 * API server lets (apiserver pkg/server/options serving.go; cmd/kube-scheduler/app/server.go). Its certificate is its
 * own, as upstream's without --tls-cert-file.
 */
export function createPartServer(options: PartServerOptions): Component & { readonly port: number } {
  const { client, metrics, clock, random, log } = options
  const paths = partPaths(options)
  const access = createDelegatedAccess({ client, metrics, clock, log })
  const pipeline = new PathPipeline({ access, paths, metrics: new AccessMetrics(metrics, clock), log })
  // Upstream's parts tell of no requests: these are counted for nobody.
  const requests = new RequestMetrics({ metrics: new MetricsRegistry(), resources: new ResourceMap() })
  const serving = {
    pipeline,
    metrics: requests,
    clock,
    random,
    log,
    rounds: new WriteRounds(clock),
    protocol: protocolOptions({}),
    lifecycle: new Lifecycle(),
    compresses: true,
  }
  let listener: Listener | undefined
  let port = options.port
  return {
    name: `${options.status.component}-server`,
    get port() {
      return port
    },
    async start() {
      listener = new Listener({
        tls: { ...selfSigned(options), requestCert: true, rejectUnauthorized: false },
        clock,
        onExchange: (exchange) => {
          serveExchange(exchange, serving).catch((error: unknown) => {
            log.error('a request failed beyond its answer', { target: exchange.target, error })
            exchange.destroy()
          })
        },
      })
      try {
        port = (await listener.listen(options.bindAddress, options.port)).port
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
        const why = `something listens on ${options.bindAddress}:${options.port} already`
        throw new Error(`${why}: choose another port with --secure-port, or none with 0`, { cause: error })
      }
    },
    async stop() {
      await listener?.close(1000)
    },
  }
}

function partPaths({ metrics, status, clock, random, log }: PartServerOptions): PathRouter {
  const build = buildInfo({ gitCommit: '', buildDate: '' })
  addProcessMetrics(metrics, clock, build)
  const paths = new PathRouter()
  const health = new HealthMetrics()
  addStartTime(health.registry, clock)
  addHealth(paths, 'healthz', status.healthy, log, health)
  addHealth(paths, 'livez', status.healthy, log, health)
  addHealth(paths, 'readyz', status.ready, log, health)
  paths.add('/metrics', serveMetrics(metrics))
  paths.add('/metrics/slis', serveMetrics(health.registry))
  const { resources } = status
  if (resources !== undefined) paths.add('/metrics/resources', (...request) => serveMetrics(resources())(...request))
  paths.add('/configz', () => ({
    type: 'raw',
    code: 200,
    contentType: 'application/json',
    headers: { 'x-content-type-options': 'nosniff' },
    body: JSON.stringify(status.configuration()),
  }))
  const { component } = status
  const pages = [
    statuszPage({ component, build, paths: () => paths.paths(), startedMs: clock.now(), clock }),
    flagzPage(component, status.flags),
  ]
  for (const page of pages) paths.add(`/${page.kind.toLowerCase()}`, serveZpage(page, random))
  return paths
}

/** A certificate that nobody else vouches for. */
function selfSigned({ status, clock }: PartServerOptions): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = newKeyPair()
  const subject = { commonName: `${status.component}@${Math.floor(clock.now() / 1000)}` }
  const raw = createCertificate(
    {
      subject,
      publicKey,
      notBefore: clock.now() - backdateMs,
      notAfter: clock.now() + certificateLifetimeMs,
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['serverAuth'],
      alternativeNames: alternativeNamesOf(['localhost', '127.0.0.1']),
    },
    { subject, publicKey, privateKey },
  )
  return { cert: encodePem('CERTIFICATE', raw), key: privateKeyPem(privateKey) }
}
