import type { Extender } from '../extenders/extender.ts'

/** Names what a plugin remembers during the scheduling of one pod. */
export class StateKey<T> {
  readonly name: string
  /** A copy that may be changed apart from the original; the same value when it never changes. */
  readonly clone: (value: T) => T
  constructor(name: string, clone: (value: T) => T = (value) => value) {
    this.name = name
    this.clone = clone
  }
}

/** What plugins know of the pod that is being scheduled. */
export class CycleState {
  readonly #values = new Map<StateKey<unknown>, unknown>()
  /** Plugins that have nothing to say of this pod, by name. */
  readonly skipFilter = new Set<string>()
  readonly skipScore = new Set<string>()
  /** Those that are to be asked about this pod. */
  extenders: readonly Extender[] = none
  /** Whether each plugin is timed by itself in this cycle. */
  readonly sampled: boolean

  constructor(sampled = false) {
    this.sampled = sampled
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#values.set(key as StateKey<unknown>, value)
  }
  find<T>(key: StateKey<T>): T | undefined {
    return this.#values.get(key as StateKey<unknown>) as T | undefined
  }
  read<T>(key: StateKey<T>): T {
    const value = this.#values.get(key as StateKey<unknown>)
    if (value === undefined) throw new Error(`nothing was written under ${key.name}`)
    return value as T
  }
  clone(): CycleState {
    const copy = new CycleState(this.sampled)
    for (const [key, value] of this.#values) copy.#values.set(key, key.clone(value))
    copy.extenders = this.extenders
    for (const name of this.skipFilter) copy.skipFilter.add(name)
    for (const name of this.skipScore) copy.skipScore.add(name)
    return copy
  }
}
const none: readonly Extender[] = Object.freeze([])
