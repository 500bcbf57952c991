import type { EndpointSlice, Service } from '../api/types.generated.ts'
import { jsonEqual } from '../machinery/json.ts'
import { categorize, type Endpoint, endpointsByPort, portKey } from './endpoints.ts'
import { type Fragment, type FragmentContext, fragmentOf } from './nftables/fragment.ts'
import {
  type Family,
  isExternallyAccessible,
  type ServicePort,
  type ServicePortOptions,
  servicePorts,
} from './service-port.ts'

/** What a service is to the proxy, in one family. */
interface KnownPort {
  readonly port: ServicePort
  readonly endpoints: readonly Endpoint[]
  readonly fragment: Fragment
}

export interface ProxyPlace {
  readonly nodeName: string
  /** The node's label topology.kubernetes.io/zone. */
  readonly zone: string
}

/** What changed for one service port: its new fragment, or undefined when it is gone. */
export interface FragmentChange {
  readonly owner: string
  readonly fragment: Fragment | undefined
}

/** The services and endpoints of one family, as rules: pure, one service at a time. */
export class ProxyModel {
  readonly family: Family
  readonly #options: ServicePortOptions
  readonly #context: FragmentContext
  /** `namespace/name` → owner → port. */
  readonly #services = new Map<string, ReadonlyMap<string, KnownPort>>()

  constructor(family: Family, options: ServicePortOptions, context: Omit<FragmentContext, 'family'>) {
    this.family = family
    this.#options = options
    this.#context = { ...context, family }
  }

  /**
   * Takes the present state of a service (undefined: deleted) and its slices. `udp`: flows may have to be cleaned up,
   * since a UDP port or an endpoint of one came or went.
   */
  update(
    key: string,
    service: Service | undefined,
    slices: readonly EndpointSlice[],
    place: ProxyPlace,
  ): { readonly changes: readonly FragmentChange[]; readonly udp: boolean } {
    const old = this.#services.get(key)
    const ports = service === undefined ? [] : servicePorts(service, this.family, this.#options)
    const endpoints = ports.length === 0 ? new Map() : endpointsByPort(slices, this.family, place.nodeName)
    const now = new Map<string, KnownPort>()
    const changes: FragmentChange[] = []
    let udp = false
    for (const port of ports) {
      const owner = `${key}/${portKey(port)}`
      const all: readonly Endpoint[] = endpoints.get(portKey(port)) ?? []
      const known = old?.get(owner)
      const fragment = fragmentOf(port, categorize(all, port, place), this.#context)
      const same = known !== undefined && sameFragment(known.fragment, fragment)
      now.set(owner, { port, endpoints: all, fragment: same ? known.fragment : fragment })
      if (!same) changes.push({ owner, fragment })
      if (port.protocol === 'udp' && !(known !== undefined && same && jsonEqual(known.endpoints, all))) udp = true
    }
    for (const [owner, { port }] of old ?? []) {
      if (now.has(owner)) continue
      changes.push({ owner, fragment: undefined })
      if (port.protocol === 'udp') udp = true
    }
    if (now.size === 0) this.#services.delete(key)
    else this.#services.set(key, now)
    return { changes, udp }
  }

  *ports(): IterableIterator<KnownPort> {
    for (const ports of this.#services.values()) yield* ports.values()
  }

  /** Ports that have endpoints, but none here, where traffic may only go to those here; by whence it comes. */
  noLocalEndpoints(): { readonly internal: number; readonly external: number } {
    const without = [...this.ports()].filter(({ endpoints }) => {
      const usable = endpoints.filter(({ ready, serving, terminating }) => ready || (serving && terminating))
      return usable.length > 0 && !usable.some(({ local }) => local)
    })
    return {
      internal: without.filter(({ port }) => port.internalLocal).length,
      external: without.filter(({ port }) => port.externalLocal && isExternallyAccessible(port)).length,
    }
  }

  /** How many different addresses on this node are ready for the service. */
  localReadyEndpoints(key: string): number {
    const ready = [...(this.#services.get(key)?.values() ?? [])].flatMap(({ endpoints }) =>
      endpoints.filter((endpoint) => endpoint.local && endpoint.ready).map(({ ip }) => ip),
    )
    return new Set(ready).size
  }
}

function sameFragment(a: Fragment, b: Fragment): boolean {
  return (
    jsonEqual([...a.chains], [...b.chains]) &&
    jsonEqual([...a.affinitySets], [...b.affinitySets]) &&
    jsonEqual(a.elements, b.elements)
  )
}
