import type { ResourceDefinition } from '../api/definition.ts'
import { defaultFeatureGates, type FeatureGates } from '../api/features/feature-gates.ts'
import type { Clock } from '../machinery/clock.ts'
import { qualified } from '../machinery/errors.ts'
import type { Random } from '../machinery/random.ts'
import type { Store } from '../store/store.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { TokenIssuer } from './authentication/token-issuer.ts'
import type { Reviews } from './authorization/review.ts'
import type { StoreFeed } from './cache/store-feed.ts'
import type { ConnectHandler } from './handlers/connect-handler.ts'
import { review } from './handlers/review.ts'
import type { VirtualResource } from './handlers/virtual-resource.ts'
import type { Lister } from './lister.ts'
import { componentStatuses, type ComponentProbes } from './registry/component-status.ts'
import { legacyBindings } from './registry/pod/legacy-binding.ts'
import { Registries } from './registry/registries.ts'
import type { Registry } from './registry/registry.ts'
import type { StorageMetrics } from './registry/storage-metrics.ts'
import { AddressAllocator } from './registry/service/address-allocator.ts'
import { PortAllocator, type PortRange } from './registry/service/port-allocator.ts'
import { hooksOf, subresourcesOf, type SpecialServices } from './registry/special.ts'
import { ResourceMap } from './routing/resource-map.ts'

export interface ServedResourcesOptions {
  readonly kinds: readonly ResourceDefinition[]
  /** Which of them are served; the others only the server's own parts see. Default: all. */
  readonly isServed?: (definition: ResourceDefinition) => boolean
  /** Default: as the release has them. */
  readonly features?: FeatureGates
  readonly store: Store
  readonly feed: StoreFeed
  readonly root: string
  readonly clock: Clock
  readonly random: Random
  readonly metrics: StorageMetrics
  /** Streaming subresources, by `pods/exec`. */
  readonly connects: ReadonlyMap<string, ConnectHandler>
  readonly authorizer: Authorizer
  readonly tokenIssuer: TokenIssuer | undefined
  readonly lister: Lister | undefined
  readonly reviews: Reviews
  readonly componentProbes: ComponentProbes
  readonly nodePorts: PortRange
  readonly eventTtlSeconds: number | undefined
  /** Whether what lies at a key of the store would be written otherwise now. Absent: never. */
  readonly isStale?: (key: string) => Promise<boolean>
}

/** Which kinds are served, and by what: the built-in ones from the start, custom ones while their definitions stand. */
export class ServedResources {
  readonly map: ResourceMap = new ResourceMap()
  /** Of services. */
  readonly addresses: AddressAllocator
  readonly ports: PortAllocator
  readonly #options: ServedResourcesOptions
  readonly #registries: Registries
  readonly #special: SpecialServices

  constructor(options: ServedResourcesOptions) {
    this.#options = options
    const { clock, random, authorizer, tokenIssuer, lister, nodePorts, kinds, eventTtlSeconds } = options
    const { enabled } = options.features ?? defaultFeatureGates
    const registryOf = (resource: string) => this.registryOf(resource)
    const addresses = new AddressAllocator({
      addresses: () => registryOf('ipaddresses.networking.k8s.io'),
      cidrs: () => registryOf('servicecidrs.networking.k8s.io'),
      random,
      clock,
    })
    const ports = new PortAllocator({
      range: nodePorts,
      random,
      services: () => registryOf('services').storage.cache(),
    })
    this.addresses = addresses
    this.ports = ports
    this.#special = { clock, registryOf, addresses, ports, authorizer, tokenIssuer, lister, eventTtlSeconds, enabled }
    this.#registries = new Registries({
      ...options,
      hooks: (definition) => hooksOf(definition, this.#special),
    })
    const { isServed = () => true } = options
    for (const definition of kinds) if (isServed(definition)) this.#add(definition, kinds)
  }

  /** The registry of a built-in resource, by `resource.group`. */
  registryOf(resource: string): Registry {
    const { kinds } = this.#options
    const definition = kinds.find((kind) => nameOf(kind) === resource)
    if (definition === undefined) throw new Error(`${resource} is not served`)
    return this.#registries.of(definition, kinds)
  }

  /** Begins to serve a kind, or serves it anew when it changed; `all`: every version of it. */
  serve(definition: ResourceDefinition, all: readonly ResourceDefinition[]): void {
    // Who watches must see objects as they are served from now on: they begin again (customresource_handler.go, tearDown).
    if (this.map.get(definition.group, definition.version, definition.resource)) this.#registries.drop(definition)
    this.#add(definition, all)
  }

  withdraw(definition: ResourceDefinition): void {
    this.map.remove(definition)
    const stillServed = [...this.map.values()].some(
      (route) => route.definition.storagePrefix === definition.storagePrefix,
    )
    if (!stillServed) this.#registries.drop(definition)
  }

  #add(definition: ResourceDefinition, all: readonly ResourceDefinition[]): void {
    this.map.add({
      definition,
      registry: this.#registries.of(definition, all),
      subresources: subresourcesOf(definition, this.#special),
      connects: connectsOf(definition, this.#options.connects),
      virtual: this.#virtual(definition),
    })
  }

  #virtual(definition: ResourceDefinition): VirtualResource | undefined {
    const { reviews, componentProbes, clock } = this.#options
    const resource = nameOf(definition)
    if (resource === 'bindings') return legacyBindings(clock, () => this.registryOf('pods'))
    if (resource === 'componentstatuses') {
      return (context, route, services) => componentStatuses(context, route, services, componentProbes)
    }
    const answer = Object.hasOwn(reviews, resource) ? reviews[resource] : undefined
    return answer && ((context, route, services) => review(context, route, services, answer))
  }
}

function nameOf({ group, resource }: ResourceDefinition): string {
  return qualified({ group, resource })
}

function connectsOf(
  definition: ResourceDefinition,
  connects: ReadonlyMap<string, ConnectHandler>,
): ReadonlyMap<string, ConnectHandler> {
  const own = new Map<string, ConnectHandler>()
  if (definition.group !== '') return own
  for (const [path, handler] of connects) {
    const [resource, subresource = ''] = path.split('/')
    if (resource === definition.resource) own.set(subresource, handler)
  }
  return own
}
