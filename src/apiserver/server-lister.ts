import type { ResourceDefinition, ResourceRef } from '../api/definition.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { ResourceCache } from './cache/resource-cache.ts'
import type { StoredObject } from './cache/stored-object.ts'
import type { CacheEvent } from './cache/watch-event.ts'
import { inVersion } from './handlers/resource.ts'
import type { Lister, ListerChange } from './lister.ts'
import type { ResourceMap, Route } from './routing/resource-map.ts'

/** A Lister over the server's caches. Made before the server, since the server is made with those who ask it. */
export interface ServerLister extends Lister {
  /**
   * Fills the caches of `definitions` and tells those who watch. Until then `get` and `list` find nothing. `ready`
   * resolves once a server that has started is connected.
   */
  connect(resources: ResourceMap, definitions: readonly ResourceDefinition[]): Promise<void>
}

interface Connected {
  readonly route: Route
  readonly cache: ResourceCache
}

const changeTypes = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const

export function createServerLister(): ServerLister {
  const connected = new Map<string, Connected>()
  const waiting = new Map<string, Set<(on: Connected) => void>>()
  let map: ResourceMap | undefined
  const keyOf = ({ group, version, resource }: ResourceRef) => `${group}/${version}/${resource}`
  const objectOf = ({ route }: Connected, stored: StoredObject) => inVersion(route.definition, stored).object

  function follow(on: Connected, handler: (change: ListerChange) => void): () => void {
    for (const stored of on.cache.list()) handler({ type: 'added', object: objectOf(on, stored) })
    return on.cache.subscribe(
      {},
      {
        onEvent: ({ type, object, previous }: CacheEvent) =>
          handler({
            type: changeTypes[type],
            object: objectOf(on, object),
            old: type === 'MODIFIED' && previous !== undefined ? objectOf(on, previous) : undefined,
          }),
        onEnd: () => {},
      },
    )
  }
  const storageKey = (namespace: string, name: string) => (namespace === '' ? name : `${namespace}/${name}`)
  return {
    async connect(resources, definitions) {
      map = resources
      await Promise.all(
        definitions.map(async (definition) => {
          const key = keyOf(definition)
          const route = resources.get(definition.group, definition.version, definition.resource)
          if (route === undefined || connected.has(key)) return
          const on = { route, cache: await route.registry.storage.cache() }
          connected.set(key, on)
          for (const start of waiting.get(key) ?? []) start(on)
          waiting.delete(key)
        }),
      )
    },
    get<T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string) {
      const on = connected.get(keyOf(ref))
      const stored = on?.cache.get(storageKey(namespace, name))
      return stored === undefined ? undefined : (objectOf(on!, stored) as T)
    },
    list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string) {
      const on = connected.get(keyOf(ref))
      if (on === undefined) return []
      return on.cache.list(namespace ? `${namespace}/` : '').map((stored) => objectOf(on, stored) as T)
    },
    watch<T extends KubeObject>(ref: ResourceRef<T>, handler: (change: ListerChange<T>) => void) {
      const key = keyOf(ref)
      const tell = handler as unknown as (change: ListerChange) => void
      const on = connected.get(key)
      if (on !== undefined) return follow(on, tell)
      let stop: (() => void) | undefined
      const start = (late: Connected) => {
        stop = follow(late, tell)
      }
      waiting.set(key, (waiting.get(key) ?? new Set()).add(start))
      return () => {
        waiting.get(key)?.delete(start)
        stop?.()
      }
    },
    async getLive<T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string) {
      const route = map?.get(ref.group, ref.version, ref.resource)
      const stored = await route?.registry.storage.get(storageKey(namespace, name))
      return stored === undefined ? undefined : (inVersion(route!.definition, stored).object as T)
    },
    async listLive<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string) {
      const route = map?.get(ref.group, ref.version, ref.resource)
      if (route === undefined) return []
      const cache = await route.registry.storage.cache()
      return cache
        .list(namespace ? `${namespace}/` : '')
        .map((stored) => inVersion(route.definition, stored).object as T)
    },
  }
}
