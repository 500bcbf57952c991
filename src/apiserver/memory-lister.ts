import type { ResourceRef } from '../api/definition.ts'
import { deepFreeze } from '../machinery/json.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { Lister, ListerChange } from './lister.ts'

/** A Lister over objects that are put into it, for tests of access control. */
export interface MemoryLister extends Lister {
  put(ref: ResourceRef, object: KubeObject): void
  delete(ref: ResourceRef, namespace: string, name: string): void
}

export function createMemoryLister(): MemoryLister {
  const collections = new Map<string, Map<string, KubeObject>>()
  const handlers = new Map<string, Set<(change: ListerChange) => void>>()
  const nameOf = (ref: ResourceRef) => `${ref.resource}.${ref.group}`
  const collection = (ref: ResourceRef) => {
    let found = collections.get(nameOf(ref))
    if (found === undefined) collections.set(nameOf(ref), (found = new Map()))
    return found
  }
  const tell = (ref: ResourceRef, change: ListerChange) => {
    for (const handler of handlers.get(nameOf(ref)) ?? []) handler(change)
  }
  const get = (ref: ResourceRef, namespace: string, name: string) => collection(ref).get(`${namespace}/${name}`)
  const list = <T extends KubeObject>(ref: ResourceRef<T>, namespace?: string) =>
    [...collection(ref).values()].filter(
      (object) => namespace === undefined || (object.metadata.namespace ?? '') === namespace,
    ) as unknown as readonly T[]
  return {
    get: <T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string) =>
      get(ref, namespace, name) as T | undefined,
    getLive: async <T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string) =>
      get(ref, namespace, name) as T | undefined,
    list,
    listLive: async (ref, namespace) => list(ref, namespace),
    watch<T extends KubeObject>(ref: ResourceRef<T>, handler: (change: ListerChange<T>) => void) {
      for (const object of collection(ref).values()) handler({ type: 'added', object: object as T })
      const key = nameOf(ref)
      const entry = handler as unknown as (change: ListerChange) => void
      handlers.set(key, (handlers.get(key) ?? new Set()).add(entry))
      return () => handlers.get(key)?.delete(entry)
    },
    put(ref, given) {
      const object = deepFreeze(given)
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
      const old = collection(ref).get(key)
      collection(ref).set(key, object)
      tell(ref, old === undefined ? { type: 'added', object } : { type: 'modified', object, old })
    },
    delete(ref, namespace, name) {
      const object = get(ref, namespace, name)
      if (object === undefined) return
      collection(ref).delete(`${namespace}/${name}`)
      tell(ref, { type: 'deleted', object })
    },
  }
}
