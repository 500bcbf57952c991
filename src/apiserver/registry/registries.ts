import type { ResourceDefinition } from '../../api/definition.ts'
import type { FeatureGates } from '../../api/features/feature-gates.ts'
import type { Clock } from '../../machinery/clock.ts'
import { jsonEqual } from '../../machinery/json.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { Store } from '../../store/store.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import { ObjectStorage } from './object-storage.ts'
import { Registry } from './registry.ts'
import type { RegistryHooks } from './registry-hooks.ts'
import type { StorageMetrics } from './storage-metrics.ts'

export interface RegistriesOptions {
  readonly store: Store
  readonly feed: StoreFeed
  readonly root: string
  readonly clock: Clock
  readonly random: Random
  readonly metrics: StorageMetrics
  /** Default: as the release has them. */
  readonly features?: FeatureGates
  readonly hooks: (definition: ResourceDefinition) => RegistryHooks
  /** Whether what lies at a key of the store would be written otherwise now. Absent: never. */
  readonly isStale?: (key: string) => Promise<boolean>
}

/**
 * Makes and keeps the registry of each stored resource; its versions share one. Each version of a custom resource has
 * its own, which sees all objects in that version.
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
    const key = keyOf(definition)
    const known = this.#registries.get(key)
    if (known !== undefined) return known
    const stored =
      all.find((other) => other.storagePrefix === storagePrefix && apiVersionOf(other) === definition.storageVersion) ??
      definition
    // Another group's objects are judged by its own rules, which see them as they are stored.
    const isForeign = stored.group !== definition.group
    const registry = this.#make(
      isForeign ? { ...stored, rules: definition.rules } : answeringAs(definition, stored),
      definition.group,
    )
    this.#registries.set(key, registry)
    return registry
  }

  #make(definition: ResourceDefinition, group = definition.group): Registry {
    const { store, feed, root, clock, random, features, hooks, isStale } = this.#options
    const resource = definition.storagePrefix
    const metrics = this.#options.metrics.of(definition.group, definition.resource)
    return new Registry({
      definition,
      group,
      storage: new ObjectStorage({ store, feed, root, resource, isStale, definition, metrics }),
      clock,
      random,
      features,
      hooks: hooks(definition),
    })
  }

  /** Forgets a resource that is not served any more. */
  drop(definition: ResourceDefinition): void {
    this.#registries.delete(keyOf(definition))
    this.#options.feed.drop(definition.storagePrefix)
  }
}

function keyOf({ group, storagePrefix, rules }: ResourceDefinition): string {
  return [group, storagePrefix, ...Object.values(manners(rules))].join('/')
}

/** What of the registry's ways may differ between versions. */
function manners({
  returnsDeletedObject = false,
  allowUnconditionalUpdate = false,
}: ResourceDefinition['rules']): Pick<
  ResourceDefinition['rules'],
  'returnsDeletedObject' | 'allowUnconditionalUpdate'
> {
  return { returnsDeletedObject, allowUnconditionalUpdate }
}

/** The stored version, with the manners of the one that is asked for. */
function answeringAs({ rules }: ResourceDefinition, stored: ResourceDefinition): ResourceDefinition {
  if (jsonEqual(manners(rules), manners(stored.rules))) return stored
  return { ...stored, rules: { ...stored.rules, ...manners(rules) } }
}
