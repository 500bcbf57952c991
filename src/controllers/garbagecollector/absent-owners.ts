import type { OwnerReference } from '../../machinery/meta/object.ts'
import type { Identity } from './graph.ts'

/** Owners that the server was asked for and did not know; uids never come back. At most 500, as upstream. */
export class AbsentOwners {
  readonly #known = new Set<string>()

  add(identity: Identity): void {
    const key = keyOf(identity, identity.namespace)
    this.#known.delete(key)
    this.#known.add(key)
    if (this.#known.size > 500) this.#known.delete(this.#known.values().next().value as string)
  }
  /** Whether the reference, from an object in `namespace`, is known to lead nowhere. */
  has(reference: OwnerReference, namespace: string): boolean {
    return this.#known.has(keyOf(reference, '')) || this.#known.has(keyOf(reference, namespace))
  }
}

function keyOf({ apiVersion, kind, name, uid }: Omit<Identity, 'namespace'>, namespace: string): string {
  return [apiVersion, kind, namespace, name, uid].join('\0')
}
