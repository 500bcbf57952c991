import type { KubeObject } from '../../machinery/meta/object.ts'
import { StoredObject } from './stored-object.ts'

/**
 * What a writer passes to the store beside the bytes: the object it has just made. The store's event carries it back, so
 * that writer, cache and watchers share one object and one encoding.
 */
export class PendingObject {
  readonly key: string
  readonly value: Uint8Array
  readonly object: KubeObject
  #stored: StoredObject | undefined

  constructor(key: string, value: Uint8Array, object: KubeObject) {
    this.key = key
    this.value = value
    this.object = object
  }

  /** The object once the store has given it a revision. `createRevision` 0: this write created it. */
  at(revision: number, createRevision: number): StoredObject {
    if (this.#stored?.revision !== revision) {
      this.#stored = StoredObject.written(this.key, this.value, this.object, revision, createRevision || revision)
    }
    return this.#stored
  }
}
