/**
 * An async iterable that is filled by calls. One consumer at a time; what was pushed before `end` is still delivered.
 * `onReturn` is called once, when the consumer leaves the loop or the queue ends.
 */
export class AsyncQueue<T> implements AsyncIterable<T>, AsyncIterator<T> {
  #items: T[] = []
  #head = 0
  #ended = false
  #error: unknown
  #waiting: ((result: IteratorResult<T>) => void) | undefined
  #reject: ((error: unknown) => void) | undefined
  #onReturn: (() => void) | undefined

  constructor(onReturn?: () => void) {
    this.#onReturn = onReturn
  }
  get length(): number {
    return this.#items.length - this.#head
  }
  get ended(): boolean {
    return this.#ended
  }
  push(item: T): void {
    if (this.#ended) return
    if (this.#waiting !== undefined) this.#settle({ done: false, value: item })
    else this.#items.push(item)
  }
  /** No more items; with an error the consumer's loop throws it after the last item. */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    if (this.#waiting !== undefined) {
      if (error === undefined) this.#settle({ done: true, value: undefined })
      else {
        const reject = this.#reject!
        this.#waiting = this.#reject = undefined
        this.#error = undefined
        reject(error)
      }
    }
    this.#leave()
  }
  next(): Promise<IteratorResult<T>> {
    if (this.#head < this.#items.length) {
      const value = this.#items[this.#head]!
      this.#items[this.#head++] = undefined as T
      if (this.#head === this.#items.length) {
        this.#items = []
        this.#head = 0
      } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
      return Promise.resolve({ done: false, value })
    }
    if (this.#ended) {
      const error = this.#error
      this.#error = undefined
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#waiting = resolve
      this.#reject = reject
    })
  }
  return(): Promise<IteratorResult<T>> {
    this.#items = []
    this.#head = 0
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this
  }
  #settle(result: IteratorResult<T>): void {
    const resolve = this.#waiting!
    this.#waiting = this.#reject = undefined
    resolve(result)
  }
  #leave(): void {
    const onReturn = this.#onReturn
    this.#onReturn = undefined
    onReturn?.()
  }
}
