import { hasReached, type Informer, keyOf } from '../../client/informer.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** A collection with own writes in it, before the informer has seen them. */
export class NewestObjects<T extends KubeObject> {
  readonly #informer: Informer<T>
  readonly #written = new Map<string, T>()

  constructor(informer: Informer<T>) {
    this.#informer = informer
  }
  get(key: string): T | undefined {
    this.#prune()
    return this.#written.get(key) ?? this.#informer.get(key)
  }
  list(): readonly T[] {
    this.#prune()
    const all = this.#informer.list()
    return this.#written.size === 0 ? all : all.map((object) => this.#written.get(keyOf(object)) ?? object)
  }
  wrote(object: T): T {
    this.#written.set(keyOf(object), object)
    return object
  }
  #prune(): void {
    const { revision } = this.#informer
    for (const [key, { metadata }] of this.#written)
      if (hasReached(revision, metadata.resourceVersion)) this.#written.delete(key)
  }
}
