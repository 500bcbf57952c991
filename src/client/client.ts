import type { ResourceRef } from '../api/definition.ts'
import type { KubeList, KubeObject } from '../machinery/meta/object.ts'
import type { Transport, WatchEvent } from './transport.ts'

/** Names one object. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string
  readonly name: string
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly signal?: AbortSignal
}

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  readonly limit?: number
  readonly continue?: string
  readonly signal?: AbortSignal
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/**
 * The typed client over any transport. Objects it returns are frozen and shared: a change makes a new object. Throws the
 * ApiError that the server sent; test it with `isReason(error, 'NotFound')`.
 */
export interface Client {
  readonly transport: Transport
  get<T extends KubeObject>(
    ref: ResourceRef<T>,
    key: ObjectKey,
    options?: { subresource?: string; signal?: AbortSignal },
  ): Promise<T>
  list<T extends KubeObject>(ref: ResourceRef<T>, options?: ListOptions): Promise<KubeList<T>>
  watch<T extends KubeObject>(ref: ResourceRef<T>, options?: WatchOptions): Promise<AsyncIterable<WatchEvent>>
  /** The namespace is that of the object's metadata. With a subresource the answer may be of another kind. */
  create<T extends KubeObject, Result = T>(
    ref: ResourceRef<T>,
    object: T | KubeObject,
    options?: WriteOptions & { subresource?: string },
  ): Promise<Result>
  update<T extends KubeObject>(
    ref: ResourceRef<T>,
    object: T,
    options?: WriteOptions & { subresource?: string },
  ): Promise<T>
  patch<T extends KubeObject>(
    ref: ResourceRef<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { subresource?: string; force?: boolean },
  ): Promise<T>
  delete<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey, options?: DeleteOptions): Promise<void>
  deleteCollection<T extends KubeObject>(ref: ResourceRef<T>, list: ListOptions, options?: DeleteOptions): Promise<void>
}
