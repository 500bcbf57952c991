import type { ResourceDefinition } from '../../api/definition.ts'
import type { Clock } from '../../machinery/clock.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { Store } from '../../store/store.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import { ObjectStorage } from './object-storage.ts'
import { Registry } from './registry.ts'
import type { RegistryHooks } from './registry-hooks.ts'
import type { ValueTransformer } from './value-transformer.ts'

export interface RegistriesOptions {
  readonly store: Store
  readonly feed: StoreFeed
  readonly root: string
  readonly clock: Clock
  readonly random: Random
  readonly hooks: (definition: ResourceDefinition) => RegistryHooks
  readonly transformer: (definition: ResourceDefinition) => ValueTransformer | undefined
}

/** Makes and keeps the registry of each stored resource; its versions, and events of both groups, share one. */
export class Registries {
  readonly #options: RegistriesOptions
  readonly #registries = new Map<string, Registry>()

  constructor(options: RegistriesOptions) {
    this.#options = options
  }

  /** `all`: every definition, among which that of the stored version is found. */
  of(definition: ResourceDefinition, all: readonly ResourceDefinition[]): Registry {
    const { storagePrefix } = definition
    const known = this.#registries.get(storagePrefix)
    if (known !== undefined) return known
    const stored =
      all.find((other) => other.storagePrefix === storagePrefix && apiVersionOf(other) === definition.storageVersion) ??
      definition
    const { store, feed, root, clock, random, hooks, transformer } = this.#options
    const registry = new Registry({
      definition: stored,
      storage: new ObjectStorage({ store, feed, root, resource: storagePrefix, transformer: transformer(stored) }),
      clock,
      random,
      hooks: hooks(stored),
    })
    this.#registries.set(storagePrefix, registry)
    return registry
  }

  /** Forgets a resource that is not served any more. */
  drop(definition: ResourceDefinition): void {
    this.#registries.delete(definition.storagePrefix)
    this.#options.feed.drop(definition.storagePrefix)
  }
}
