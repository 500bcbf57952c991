import type { ResourceRef } from '../api/definition.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/** A change of one object. `old`: its state before; for a deletion `object` is the last state. */
export interface ListerChange<T extends KubeObject = KubeObject> {
  readonly type: 'added' | 'modified' | 'deleted'
  readonly object: T
  readonly old?: T
}

/**
 * What access control reads of the server's own state: the server implements it over its caches. Objects are frozen,
 * in the version of `ref`, secrets decrypted. `namespace` is '' for cluster-scoped kinds.
 */
export interface Lister {
  /** From the cache: at least as new as every write that this server has acknowledged. */
  get<T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string): T | undefined
  /** From the cache; without `namespace`: of all namespaces. */
  list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): readonly T[]
  /**
   * Calls `handler` with `added` for each object that is there, then with each change, in order, synchronously when it
   * enters the cache. The handler is quick and does not throw. Returns what ends it.
   */
  watch<T extends KubeObject>(ref: ResourceRef<T>, handler: (change: ListerChange<T>) => void): () => void
  /** From the store itself, for decisions that must not be taken on a stale cache. */
  getLive<T extends KubeObject>(ref: ResourceRef<T>, namespace: string, name: string): Promise<T | undefined>
  /** All of a kind, also of one that is not followed, custom ones among them; without `namespace`: of all namespaces. */
  listLive<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): Promise<readonly T[]>
}
