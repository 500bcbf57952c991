import { apiServices } from '../api/apiregistration/v1/api-service.ts'
import { customResourceDefinitions } from '../api/apiextensions/v1/custom-resource-definition.ts'
import type { ResourceDefinition } from '../api/definition.ts'
import type { UserInfo } from '../api/user.ts'
import { tokenSettings } from '../apiserver/tokens/token-settings.ts'
import { createAccess, serverUser } from '../apiserver/access.ts'
import { addApiServiceMetrics } from '../apiserver/aggregation/api-service-metrics.ts'
import { createLocalApiServices } from '../apiserver/aggregation/local-api-services.ts'
import { resolveAggregated } from '../apiserver/aggregation/resolve.ts'
import { RemoteApis } from '../apiserver/aggregation/remote-apis.ts'
import { hostPort } from '../apiserver/connect/node-connection.ts'
import { connectHandlers } from '../apiserver/connect/index.ts'
import type { KubeletTls, LocalKubelets } from '../apiserver/connect/node-connection.ts'
import { conversionWebhook } from '../apiserver/crd/conversion-webhook.ts'
import { RuleMetrics } from '../apiserver/crd/rule-metrics.ts'
import { createCrdController } from '../apiserver/crd/crd-controller.ts'
import { createApiServer, type ApiServer } from '../apiserver/index.ts'
import { checkServerOptions } from '../apiserver/options/check-options.ts'
import { readText } from '../apiserver/options/config-file.ts'
import { loadAccessConfiguration } from '../apiserver/options/access-configuration.ts'
import { enabledKinds } from '../apiserver/options/enabled-kinds.ts'
import { portRange } from '../apiserver/options/port-range.ts'
import { loadProtocolOptions } from '../apiserver/options/protocol-options.ts'
import type { ServerOptionValues } from '../apiserver/options/server-options.ts'
import { startIdentity } from '../apiserver/identity/start-identity.ts'
import { clientCertificates } from '../apiserver/pki/client-certificates.ts'
import type { Pki } from '../apiserver/pki/pki.ts'
import { type ShownCertificate, shownCertificate } from '../apiserver/pki/shown-certificate.ts'
import { createTrust } from '../apiserver/pki/trust.ts'
import { servingOptions } from '../apiserver/serving/serving-options.ts'
import { createServingTls } from '../apiserver/serving/serving-tls.ts'
import { type FlagValues, flagValues } from '../apiserver/zpages/flagz.ts'
import { kubernetesService } from '../apiserver/registry/service/kubernetes-service.ts'
import type { ServiceAccountTokenIssuer } from '../apiserver/tokens/service-account-token-issuer.ts'
import type { Tracing } from '../apiserver/tracing/configure-tracing.ts'
import type { Client } from '../client/client.ts'
import { createClient } from '../client/create-client.ts'
import { measuredWorkQueues } from '../client/work-queue-metrics.ts'
import type { WorkQueueMetrics } from '../client/work-queue.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import type { Store } from '../store/store.ts'
import { componentProbes, type Workers } from './component-probes.ts'

export interface ApiServerOptions {
  readonly store: Store
  readonly pki: Pki
  /** Absent: reachable in this process only. */
  readonly listen?: { readonly addresses: readonly string[]; readonly port: number; readonly hosts: readonly string[] }
  /** Where clients and nodes find the server from outside this process; without it nodes get no rights to join. */
  readonly publicServer?: string
  readonly serviceCidrs: readonly string[]
  /** The address behind the service `kubernetes`. */
  readonly advertise: { readonly address: string; readonly port: number }
  /** Kubelets in this process that listen nowhere. */
  readonly localKubelets?: LocalKubelets
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** kube-apiserver's flags that the user set. */
  readonly serverOptions?: ServerOptionValues
  /** All flags as the process was started with, for `/flagz`. */
  readonly flags?: FlagValues
  /** Whether controllers and scheduler work in this process. Absent: they are others'. */
  readonly workers?: (name: Workers) => boolean
}

/** An API server that answers, with what belongs to it alone: custom and aggregated APIs, its own service. */
export interface RunningApiServer {
  readonly server: ApiServer
  readonly tokenIssuer: ServiceAccountTokenIssuer
  /** A client that is this user, in process. */
  clientAs(user: UserInfo): Client
  /** Reads and writes as the server itself. */
  readonly client: Client
  /** Measures work queues of this process, beside what the server tells. */
  readonly workQueues: (name: string) => WorkQueueMetrics
  /** Ends it, and closes its store. */
  stop(): Promise<void>
}

/** Starts an API server and makes what every cluster has. Resolves once it answers. */
export async function startApiServer(options: ApiServerOptions): Promise<RunningApiServer> {
  const { store, pki, clock, random, log, listen } = options
  await checkServerOptions(options.serverOptions ?? {})
  const metrics = new MetricsRegistry()
  const ownIssuers = tokenSettings(options.serverOptions ?? {}).issuers
  const { kinds, isServed, features } = await enabledKinds(options.serverOptions ?? {})
  for (const warning of features.warnings) log.warn(warning)
  const services = {
    clock,
    random,
    log,
    metrics,
    ownIssuers,
    encryptionKey: pki.encryptionKey,
    enabled: features.enabled,
  }
  const configuration = await loadAccessConfiguration(options.serverOptions ?? {}, services)
  const protocol = await loadProtocolOptions(options.serverOptions ?? {})
  const trust = createTrust({ pki, frontProxyFile: configuration.frontProxy?.authorityFile, clock, log })
  const access = createAccess({ trust, pki, clock, random, log, metrics, configuration, features, protocol })
  const tracing = await loadTracing(options)
  const values = options.serverOptions ?? {}
  const shown = clientCertificates(values, { pki, clock, log: log.child({ component: 'certificates' }) })
  const handlers = connectHandlers({
    metrics,
    lister: access.serverOptions.lister,
    kubeletTls: kubeletTls(values, pki, shown.kubelets),
    addressTypes: values['kubelet-preferred-address-types'],
    localKubelets: options.localKubelets,
    clock,
    random,
  })
  const servingLog = log.child({ component: 'serving' })
  const serving = servingOptions(values)
  const servingTls =
    listen &&
    createServingTls({
      certificate: shownCertificate({
        read: () => pki.apiServer(listen.hosts),
        given: pki.servingGiven,
        clock,
        log: servingLog,
      }),
      serving,
      trust,
      clock,
      log: servingLog,
    })
  const remotes = new RemoteApis({
    lister: access.serverOptions.lister,
    certificate: () => shown.aggregated.current,
    resolve: resolveAggregated(access.serverOptions.lister, random),
    clock,
    log: log.child({ component: 'aggregation' }),
  })
  const server = createApiServer({
    ...access.serverOptions,
    protocol,
    store,
    kinds,
    isServed,
    features,
    connects: new Map(Object.entries(handlers)),
    remotes,
    clock,
    random,
    metrics,
    log: log.child({ component: 'apiserver' }),
    tracer: tracing?.tracer,
    flags: options.flags ?? flagValues({ ...options.serverOptions }),
    componentProbes: componentProbes(store, options.workers),
    listen,
    advertised: hostPort(options.advertise.address, options.advertise.port),
    tls: servingTls,
    sharesPort: serving.sharesPort,
    nodePorts: portRange(values['service-node-port-range'] || '30000-32767'),
  })
  const { address, port } = options.advertise
  const { 'external-hostname': hostname } = values
  const publicServer = hostname ? `https://${hostPort(hostname, port)}` : options.publicServer
  access.addPaths(server.paths, () => publicServer ?? `https://${hostPort(address, port)}`)
  await server.start()
  const clientAs = (user: UserInfo): Client => createClient(server.inProcess(user, user.name))
  // Its own writes bear the name that upstream's do.
  const client = createClient(server.inProcess(serverUser, 'kube-apiserver'))
  await access.connect(server.resources, client)
  await access.bootstrap({ server: options.publicServer })
  trust.onChange(() => {
    access.publishTrust().catch((error: unknown) => log.warn('the authorities could not be published', { error }))
  })
  await access.serverOptions.lister.connect(server.resources, [
    customResourceDefinitions as unknown as ResourceDefinition,
    apiServices as unknown as ResourceDefinition,
  ])
  const crds = createCrdController({
    lister: access.serverOptions.lister,
    client,
    serve: (definition, all) => server.served.serve(definition, all),
    withdraw: (definition) => server.served.withdraw(definition),
    convert: conversionWebhook({ client: access.webhookClient, random }),
    metrics: new RuleMetrics(metrics, clock),
    clock,
    log: log.child({ component: 'crd' }),
  })
  await crds.start()
  remotes.connect(client)
  await remotes.start()
  const localApis = createLocalApiServices({
    lister: access.serverOptions.lister,
    client,
    builtIn: kinds.filter(isServed),
    clock,
    log: log.child({ component: 'aggregation' }),
  })
  await localApis.start()
  const workQueues = measuredWorkQueues(metrics, clock)
  addApiServiceMetrics(metrics, access.serverOptions.lister)
  const ownService = kubernetesService({
    store,
    lister: access.serverOptions.lister,
    writer: client,
    clock,
    log,
    serviceRanges: options.serviceCidrs,
    advertiseAddress: options.advertise.address,
    port: () => options.advertise.port,
    keepsEndpoints: values['endpoint-reconciler-type'] !== 'none',
  })
  await ownService.start()
  const identity = await startIdentity({ features, served: server.resources, client, clock, random, log })

  return {
    server,
    tokenIssuer: access.serverOptions.tokenIssuer,
    clientAs,
    client,
    workQueues,
    async stop() {
      await Promise.all([crds.stop(), remotes.stop(), localApis.stop(), ownService.stop(), identity?.stop()])
      await server.stop()
      servingTls?.stop()
      shown.stop()
      await access.stop()
      await tracing?.stop()
      await store.close()
    },
  }
}

/** How kubelets are spoken to: who signs theirs, and by what they know this server. */
function kubeletTls(values: ServerOptionValues, pki: Pki, shown: ShownCertificate): () => KubeletTls {
  const authority = values['kubelet-certificate-authority'] || undefined
  const ca = authority === undefined ? pki.clusterAuthority.certificatePem : readText(authority)
  return () => ({ cert: shown.current.certificatePem, key: shown.current.privateKeyPem, ca })
}

/** Its code is loaded for those only who ask for it. */
async function loadTracing({ serverOptions, clock, random, log }: ApiServerOptions): Promise<Tracing | undefined> {
  const path = serverOptions?.['tracing-config-file']
  if (path === undefined) return undefined
  const { configureTracing } = await import('../apiserver/tracing/configure-tracing.ts')
  return configureTracing(path, { clock, random, log: log.child({ component: 'tracing' }) })
}
