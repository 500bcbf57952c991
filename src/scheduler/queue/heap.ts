/** A binary heap whose members can be found and taken out by key. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #positions = new Map<string, number>()
  readonly #keyOf: (item: T) => string
  readonly #less: (a: T, b: T) => boolean

  constructor(keyOf: (item: T) => string, less: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf
    this.#less = less
  }

  get size(): number {
    return this.#items.length
  }
  peek(): T | undefined {
    return this.#items[0]
  }
  get(key: string): T | undefined {
    const position = this.#positions.get(key)
    return position === undefined ? undefined : this.#items[position]
  }
  values(): readonly T[] {
    return this.#items
  }

  /** Adds it, or puts it in the place of the one with the same key. */
  set(item: T): void {
    const key = this.#keyOf(item)
    let position = this.#positions.get(key)
    if (position === undefined) {
      position = this.#items.length
      this.#items.push(item)
    }
    this.#put(position, item)
    this.#up(position)
    this.#down(this.#positions.get(key)!)
  }

  pop(): T | undefined {
    const top = this.#items[0]
    if (top !== undefined) this.delete(this.#keyOf(top))
    return top
  }

  delete(key: string): T | undefined {
    const position = this.#positions.get(key)
    if (position === undefined) return undefined
    const item = this.#items[position]!
    const last = this.#items.pop()!
    this.#positions.delete(key)
    if (position < this.#items.length) {
      this.#put(position, last)
      this.#up(position)
      this.#down(this.#positions.get(this.#keyOf(last))!)
    }
    return item
  }

  #put(position: number, item: T): void {
    this.#items[position] = item
    this.#positions.set(this.#keyOf(item), position)
  }

  #up(position: number): void {
    const item = this.#items[position]!
    while (position > 0) {
      const parent = (position - 1) >> 1
      if (!this.#less(item, this.#items[parent]!)) break
      this.#put(position, this.#items[parent]!)
      position = parent
    }
    this.#put(position, item)
  }

  #down(position: number): void {
    const item = this.#items[position]!
    const { length } = this.#items
    for (;;) {
      let child = 2 * position + 1
      if (child >= length) break
      if (child + 1 < length && this.#less(this.#items[child + 1]!, this.#items[child]!)) child++
      if (!this.#less(this.#items[child]!, item)) break
      this.#put(position, this.#items[child]!)
      position = child
    }
    this.#put(position, item)
  }
}
