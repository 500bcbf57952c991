/** What files or time change while the server runs. */
export interface Changing<T> {
  /** Another object each time that it changed. */
  readonly current: T
  onChange(callback: () => void): void
  /** Looks for changes no longer. */
  stop(): void
}

export class ChangingValue<T> implements Changing<T> {
  #current: T
  readonly #callbacks: (() => void)[] = []
  readonly #stops: (() => void)[] = []

  constructor(current: T) {
    this.#current = current
  }
  get current(): T {
    return this.#current
  }
  onChange(callback: () => void): void {
    this.#callbacks.push(callback)
  }
  stop(): void {
    for (const stop of this.#stops) stop()
  }

  /** Takes the value over and tells those who asked to hear of it. */
  change(value: T): void {
    this.#current = value
    for (const callback of this.#callbacks) callback()
  }
  /** `stop` ends what looks for changes. */
  watchedUntil(stop: () => void): void {
    this.#stops.push(stop)
  }
}
