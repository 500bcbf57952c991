import type { ResourceDefinition } from '../../api/definition.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { ConnectHandler } from '../handlers/connect-handler.ts'
import type { Resource } from '../handlers/resource.ts'
import type { SubresourceHandler } from '../handlers/subresource.ts'
import type { VirtualResource } from '../handlers/virtual-resource.ts'

/** A resource in one version with what its subresources do beyond the ordinary. */
export interface Route extends Resource {
  readonly subresources: ReadonlyMap<string, SubresourceHandler>
  readonly connects: ReadonlyMap<string, ConnectHandler>
  /** Takes every request for a resource that is not kept in the store. */
  readonly virtual?: VirtualResource
}

/** Every resource by group, version and plural. Custom resources come and go. */
export class ResourceMap {
  readonly #routes = new Map<string, Route>()
  readonly #versions = new Map<string, number>()
  /** Counts the changes, for what is derived from the map. */
  revision = 0

  get(group: string, version: string, resource: string): Route | undefined {
    return this.#routes.get(`${group}/${version}/${resource}`)
  }
  hasVersion(group: string, version: string): boolean {
    return this.#versions.has(`${group}/${version}`)
  }
  hasKind(apiVersion: string, kind: string): boolean {
    for (const { definition } of this.#routes.values()) {
      if (definition.kind === kind && apiVersionOf(definition) === apiVersion) return true
    }
    return false
  }
  /** In the order in which they were added. */
  definitions(): readonly ResourceDefinition[] {
    return [...this.#routes.values()].map((route) => route.definition)
  }
  values(): Iterable<Route> {
    return this.#routes.values()
  }
  add(route: Route): void {
    const { group, version, resource } = route.definition
    const key = `${group}/${version}/${resource}`
    if (!this.#routes.has(key)) this.#count(`${group}/${version}`, 1)
    this.#routes.set(key, route)
    this.revision++
  }
  remove({ group, version, resource }: ResourceDefinition): void {
    if (!this.#routes.delete(`${group}/${version}/${resource}`)) return
    this.revision++
    this.#count(`${group}/${version}`, -1)
  }
  #count(version: string, by: number): void {
    const count = (this.#versions.get(version) ?? 0) + by
    if (count > 0) this.#versions.set(version, count)
    else this.#versions.delete(version)
  }
}
