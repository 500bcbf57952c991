import type { FieldError } from '../../machinery/field-error.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { DeleteOptions, DeleteResult } from './deletion.ts'
import type { ObjectStorage } from './object-storage.ts'
import type { WriteScope } from './write-scope.ts'

/** Called once the write is decided; `succeeded` is false too for dry runs. */
export type Finish = (succeeded: boolean) => Promise<void> | void

/** What of a registry a hook needs that takes a deletion over. */
export interface DeletingRegistry {
  readonly storage: ObjectStorage
  /** As it is stored. */
  canonical(object: KubeObject): KubeObject
}

/**
 * What a few resources do around a write, beyond the pure rules of their kind: allocate addresses, keep a side object
 * (upstream: BeginCreate, BeginUpdate, AfterDelete of registry stores).
 */
export interface RegistryHooks {
  /** Before preparation and validation; may change the draft. */
  readonly beginCreate?: (
    draft: Draft<KubeObject>,
    scope: WriteScope,
  ) => Promise<Finish | undefined> | Finish | undefined
  readonly beginUpdate?: (
    draft: Draft<KubeObject>,
    old: KubeObject,
    scope: WriteScope,
  ) => Promise<Finish | undefined> | Finish | undefined
  /** Takes a deletion over; undefined: the ordinary way goes on. */
  readonly beginDelete?: (
    registry: DeletingRegistry,
    existing: StoredObject,
    options: DeleteOptions,
    validate: (old: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ) => Promise<DeleteResult | undefined>
  /** What is wrong beyond what the kind's pure rules see; told before their faults. `object` is prepared already. */
  readonly faults?: (
    object: KubeObject,
    old: KubeObject | undefined,
    scope: WriteScope,
  ) => Promise<readonly FieldError[]>
  readonly afterDelete?: (object: KubeObject) => Promise<void> | void
  /** Whether an object without finalizers goes when an update empties them; default true. */
  readonly deletesOnUpdate?: (object: KubeObject, old: KubeObject) => boolean
  /** Objects vanish after so many seconds (events). */
  readonly ttlSeconds?: number
}
