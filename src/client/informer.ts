import type { ResourceRef } from '../api/definition.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

export interface InformerHandler<T extends KubeObject> {
  readonly added?: (object: T) => void
  readonly updated?: (object: T, old: T) => void
  /** `object`: the last state known. */
  readonly deleted?: (object: T) => void
}

/** A local, indexed, always fresh copy of a collection. Objects are frozen and shared. */
export interface Informer<T extends KubeObject> {
  readonly ref: ResourceRef<T>
  /** The first list is in and every handler has seen it. */
  readonly synced: boolean
  /** The resourceVersion up to which this copy is complete; '' before the first list. Compare with `hasReached`. */
  readonly revision: string
  whenSynced(signal?: AbortSignal): Promise<void>
  /** `key`: `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined
  list(): readonly T[]
  /** Objects for which the index function returned `value`. `namespace` and `ownerUid` are always there. */
  byIndex(index: string, value: string): readonly T[]
  addIndex(index: string, values: (object: T) => readonly string[]): void
  /** Calls `added` for what is there already. Handlers run synchronously and must be quick. */
  subscribe(handler: InformerHandler<T>): () => void
}

export interface InformerOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** One informer per collection and selector, shared by everyone who asks. */
export interface InformerFactory {
  for<T extends KubeObject>(ref: ResourceRef<T>, options?: InformerOptions): Informer<T>
  /** Ends one informer for good, e.g. that of a resource which is no longer served. */
  release(ref: ResourceRef, options?: InformerOptions): Promise<void>
  stop(): Promise<void>
}

/**
 * Whether a copy at `revision` shows a write that was answered with `resourceVersion` (decimal numbers, KEP-5504).
 * Versions of a server that does not number them cannot be compared, and count as reached.
 */
export function hasReached(revision: string, resourceVersion: string | undefined): boolean {
  const seen = Number(revision || 'x')
  const wanted = Number(resourceVersion || 'x')
  return Number.isNaN(wanted) || Number.isNaN(seen) ? revision !== '' : seen >= wanted
}

/** `namespace/name`, or `name` without a namespace. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}
