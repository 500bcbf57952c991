/** A map that holds at most `capacity` entries and forgets the one used least recently. */
export class LeastRecent<Key, Value> {
  readonly #capacity: number
  readonly #entries = new Map<Key, Value>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }
  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value as Key)
  }
  delete(key: Key): void {
    this.#entries.delete(key)
  }
  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries()
  }
}
