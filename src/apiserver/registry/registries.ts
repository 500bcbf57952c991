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

/**
 * Makes and keeps the registry of each stored resource; its versions, and events of both groups, share one. Each version of a
 * custom resource has its own, which sees all objects in that version.
 */
export class Registries {
  readonly #options: RegistriesOptions
  readonly #registries = new Map<string, Registry>()

  constructor(options: RegistriesOptions) {
    this.#options = options
  }

  /** `all`: every definition, among which that of the stored version is found. */
  of(definition: ResourceDefinition, all: readonly ResourceDefinition[]): Registry {
    const { storagePrefix } = definition
    if (definition.rules.storedForm !== undefined) return this.#make(definition)
    const known = this.#registries.get(storagePrefix)
    if (known !== undefined) return known
    const stored =
      all.find((other) => other.storagePrefix === storagePrefix && apiVersionOf(other) === definition.storageVersion) ??
      definition
    const registry = this.#make(stored)
    this.#registries.set(storagePrefix, registry)
    return registry
  }

  #make(definition: ResourceDefinition): Registry {
    const { store, feed, root, clock, random, hooks, transformer } = this.#options
    const resource = definition.storagePrefix
    return new Registry({
      definition,
      storage: new ObjectStorage({ store, feed, root, resource, transformer: transformer(definition), definition }),
      clock,
      random,
      hooks: hooks(definition),
    })
  }

  /** Forgets a resource that is not served any more. */
  drop(definition: ResourceDefinition): void {
    this.#registries.delete(definition.storagePrefix)
    this.#options.feed.drop(definition.storagePrefix)
  }
}
