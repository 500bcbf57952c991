import type { ResourceRef } from '../../api/definition.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** A collection as a reconciliation sees it. */
export interface View<T extends KubeObject> {
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined
  list(): readonly T[]
  /** `namespace`, `ownerUid`, and what the controller declared. */
  byIndex(index: string, value: string): readonly T[]
}

/** Everything that a reconciliation decides from. All of it frozen; the same input gives the same plan. */
export interface Observed<T extends KubeObject> {
  readonly key: string
  readonly object: T
  /** The objects that it controls, orphans that it has just adopted included. */
  owned<Child extends KubeObject>(ref: ResourceRef<Child>): readonly Child[]
  /** Any collection that the controller declared. */
  view<Other extends KubeObject>(ref: ResourceRef<Other>): View<Other>
  /** Epoch milliseconds. */
  readonly now: number
}
