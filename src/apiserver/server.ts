import type { TlsOptions } from 'node:tls'
import type { ResourceDefinition } from '../api/definition.ts'
import type { UserInfo } from '../api/user.ts'
import type { Transport } from '../client/transport.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import { qualified } from '../machinery/errors.ts'
import type { Draft } from '../machinery/json.ts'
import type { Logger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { Random } from '../machinery/random.ts'
import type { Store } from '../store/store.ts'
import { admissionChain } from './admission/admission-chain.ts'
import type { AdmissionPlugin } from './admission/plugin.ts'
import type { AuthenticationRequest, AuthenticationResult } from './authentication/authenticator.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { StoreFeed } from './cache/store-feed.ts'
import { addDiscovery } from './endpoints/discovery.ts'
import { addHealth, type HealthCheck } from './endpoints/health.ts'
import { versionAnswer } from './endpoints/version.ts'
import type { ConnectHandler } from './handlers/connect-handler.ts'
import { Listener } from './http/listener.ts'
import { serveExchange } from './http/serve-exchange.ts'
import { inProcessTransport } from './in-process.ts'
import { Pipeline } from './pipeline.ts'
import type { TokenIssuer } from './authentication/token-issuer.ts'
import type { Reviews } from './authorization/review.ts'
import { review } from './handlers/review.ts'
import type { VirtualResource } from './handlers/virtual-resource.ts'
import type { Lister } from './lister.ts'
import { componentStatuses, type ComponentProbes } from './registry/component-status.ts'
import { legacyBindings } from './registry/pod/legacy-binding.ts'
import { Registries } from './registry/registries.ts'
import type { Registry } from './registry/registry.ts'
import { hooksOf, subresourcesOf, type SpecialServices } from './registry/special.ts'
import type { ValueTransformer } from './registry/value-transformer.ts'
import { PathRouter } from './routing/path-router.ts'
import { ResourceMap } from './routing/resource-map.ts'

export interface ApiServerOptions {
  readonly store: Store
  readonly kinds: readonly ResourceDefinition[]
  readonly authentication: { authenticate(request: AuthenticationRequest): Promise<AuthenticationResult> }
  readonly authorizer: Authorizer
  /** In order; a function, since plugins may want to ask the server itself. */
  readonly admission: readonly AdmissionPlugin[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Absent: only in-process. Port 0: any. */
  readonly listen?: { readonly addresses: readonly string[]; readonly port: number }
  readonly tls?: TlsOptions
  /** Streaming subresources, by `pods/exec`. */
  readonly connects?: ReadonlyMap<string, ConnectHandler>
  readonly tokenIssuer?: TokenIssuer
  /** What the server's own parts read of its state; needed with a tokenIssuer. */
  readonly lister?: Lister
  readonly reviews?: Reviews
  readonly componentProbes?: ComponentProbes
  /** Encryption at rest, by storage prefix: `secrets`. */
  readonly transformers?: ReadonlyMap<string, ValueTransformer>
  readonly build?: { readonly gitCommit: string; readonly buildDate: string }
  /** Further conditions of readiness. */
  readonly readyChecks?: readonly HealthCheck[]
  /** Milliseconds that open requests have when the server stops. */
  readonly shutdownGraceMs?: number
}

export interface ApiServer extends Component {
  readonly pipeline: Pipeline
  readonly resources: ResourceMap
  readonly paths: PathRouter
  readonly feed: StoreFeed
  /** Where it listens: `https://127.0.0.1:6443`. */
  readonly address: string
  readonly port: number
  inProcess(user: UserInfo, userAgent?: string): Transport
}

const root = '/registry/'

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, random, log, kinds } = options
  const stopListeners = new Set<() => void>()
  let stopping = false
  let failure: Error | undefined
  const feed = new StoreFeed({
    store,
    root,
    now: () => clock.now(),
    log,
    onFailure: (error) => {
      if (!stopping) failure = error
    },
  })
  const registryOf = (resource: string): Registry => {
    const definition = kinds.find((kind) => qualified({ group: kind.group, resource: kind.resource }) === resource)
    if (definition === undefined) throw new Error(`${resource} is not served`)
    return registries.of(definition, kinds)
  }
  const special: SpecialServices = { clock, registryOf, tokenIssuer: options.tokenIssuer, lister: options.lister }
  const registries: Registries = new Registries({
    store,
    feed,
    root,
    clock,
    random,
    hooks: (definition) => hooksOf(definition, special),
    transformer: (definition) => options.transformers?.get(definition.storagePrefix),
  })
  const resources = new ResourceMap()
  for (const definition of kinds) {
    resources.add({
      definition,
      registry: registries.of(definition, kinds),
      subresources: subresourcesOf(definition, special),
      connects: connectsOf(definition, options.connects),
      virtual: virtualOf(definition, options, registryOf),
    })
  }
  const paths = new PathRouter()
  const checks: HealthCheck[] = [
    { name: 'ping', check: () => {} },
    {
      name: 'etcd',
      check: async () => {
        if (failure !== undefined) throw failure
        await store.revision()
      },
    },
  ]
  const ready: HealthCheck = {
    name: 'shutdown',
    check: () => {
      if (stopping) throw new Error('process is shutting down')
    },
  }
  addHealth(paths, 'healthz', () => checks, log)
  addHealth(paths, 'livez', () => checks, log)
  addHealth(paths, 'readyz', () => [...checks, ...(options.readyChecks ?? []), ready], log)
  const version = versionAnswer(options.build ?? { gitCommit: '', buildDate: '' })
  paths.add('/version', () => version)
  addDiscovery(paths, resources, () => addressOf())
  const pipeline = new Pipeline({
    authenticate: (request) => options.authentication.authenticate(request),
    authorizer: options.authorizer,
    resources,
    paths,
    log,
    services: {
      feed,
      clock,
      random,
      admission: admissionChain(options.admission),
      authorizer: options.authorizer,
      isKnownKind: (apiVersion, kind) => resources.hasKind(apiVersion, kind),
      setDefaults: (definition: ResourceDefinition, draft: Draft<KubeObject>) => definition.rules.setDefaults?.(draft),
      minRequestTimeoutSeconds: 1800,
      onStop: (callback) => {
        stopListeners.add(callback)
        return () => stopListeners.delete(callback)
      },
    },
  })
  let listener: Listener | undefined
  let port = 0
  const addressOf = () => {
    const host = options.listen?.addresses[0] ?? '127.0.0.1'
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }
  return {
    name: 'apiserver',
    pipeline,
    resources,
    paths,
    feed,
    get address() {
      return `${options.tls === undefined ? 'http' : 'https'}://${addressOf()}`
    },
    get port() {
      return port
    },
    inProcess: (user, userAgent = 'skiff') => inProcessTransport(pipeline, user, userAgent),
    async start() {
      await feed.start()
      if (options.listen === undefined) return
      listener = new Listener({
        tls: options.tls,
        clock,
        onExchange: (exchange) => void serveExchange(exchange, { pipeline, log, random }),
      })
      for (const address of options.listen.addresses) {
        const bound = await listener.listen(address, port || options.listen.port)
        port = bound.port
      }
    },
    async stop() {
      if (stopping) return
      stopping = true
      for (const end of stopListeners) end()
      await listener?.close(options.shutdownGraceMs ?? 2000)
      feed.stop()
    },
  }
}

function virtualOf(
  definition: ResourceDefinition,
  { reviews, componentProbes = {}, clock }: ApiServerOptions,
  registryOf: (resource: string) => Registry,
): VirtualResource | undefined {
  const resource = qualified({ group: definition.group, resource: definition.resource })
  if (resource === 'bindings') return legacyBindings(clock, () => registryOf('pods'))
  if (resource === 'componentstatuses') {
    return (context, route, services) => componentStatuses(context, route, services, componentProbes)
  }
  const answer = reviews?.[resource]
  return answer && ((context, route, services) => review(context, route, services, answer))
}

function connectsOf(
  definition: ResourceDefinition,
  connects: ReadonlyMap<string, ConnectHandler> | undefined,
): ReadonlyMap<string, ConnectHandler> {
  const own = new Map<string, ConnectHandler>()
  if (connects === undefined || definition.group !== '') return own
  for (const [path, handler] of connects) {
    const [resource, subresource = ''] = path.split('/')
    if (resource === definition.resource) own.set(subresource, handler)
  }
  return own
}
