import type { Attribute } from './attribute.ts'
import { LiteralMap, GrowingList, GrowingMap, ArrayList } from './collections.ts'
import { formatValue } from './format-value.ts'
import type { CostMeter, Frame } from './frame.ts'
import { goTypeName } from './go-type-name.ts'
import { CelError, ListValue, MapValue, noSuchOverload, Optional, type Value } from './value.ts'

/** A part of a program: computes a value, and spends what it costs. */
export interface Step {
  run(frame: Frame): Value
  /** The value, where it is always the same. */
  readonly constant?: { readonly value: Value }
  readonly attribute?: Attribute
}

/** A step that costs the same whatever comes of it. */
export const priced = (cost: number, step: Step): Step => ({
  run(frame) {
    const value = step.run(frame)
    frame.costs.spend(cost)
    return value
  },
})

export const constantStep = (value: Value): Step => ({ constant: { value }, run: () => value })

export class AttributeStep implements Step {
  readonly attribute: Attribute
  readonly #presence: boolean
  constructor(attribute: Attribute, presence = false) {
    this.attribute = attribute
    this.#presence = presence
  }
  run(frame: Frame): Value {
    const value = this.attribute.resolve(frame)
    if (this.attribute.priced && !this.#presence) frame.costs.spend(1)
    if (this.#presence && value instanceof Optional) return value.value !== undefined
    return value
  }
}

/** `&&` ends with the first false, `||` with the first true; an error counts only where neither comes. */
export function logicalStep(decisive: boolean, terms: readonly Step[]): Step {
  return {
    run(frame) {
      let error: CelError | undefined
      for (const term of terms) {
        const value = term.run(frame)
        if (value === decisive) return decisive
        if (typeof value !== 'boolean') error ??= value instanceof CelError ? value : noSuchOverload
      }
      return error ?? !decisive
    },
  }
}

export function listStep(elements: readonly Step[], optionals: ReadonlySet<number>): Step {
  return {
    run(frame) {
      const items: Value[] = []
      for (let index = 0; index < elements.length; index++) {
        let value = elements[index]!.run(frame)
        if (value instanceof CelError) return value
        if (optionals.has(index)) {
          if (!(value instanceof Optional))
            return new CelError(`cannot initialize optional list element from non-optional value ${formatValue(value)}`)
          if (value.value === undefined) continue
          value = value.value
        }
        items.push(value)
      }
      return new ArrayList(items)
    },
  }
}

export interface EntryStep {
  readonly key: Step
  readonly value: Step
  readonly optional: boolean
}
export function mapStep(entries: readonly EntryStep[]): Step {
  return {
    run(frame) {
      const made: [Value, Value][] = []
      for (const entry of entries) {
        const key = entry.key.run(frame)
        if (key instanceof CelError) return key
        const value = optionalEntry(entry.value.run(frame), entry.optional, key)
        if (value instanceof CelError) return value
        if (value !== undefined) made.push([key, value])
      }
      return new LiteralMap(made)
    },
  }
}

/** undefined: the entry is left out. */
export function optionalEntry(value: Value, optional: boolean, key: Value): Value | undefined {
  if (!optional || value instanceof CelError) return value
  if (value instanceof Optional) return value.value
  return new CelError(
    `cannot initialize optional entry '${formatValue(key)}' from non-optional value ${formatValue(value)}`,
  )
}

interface Fold {
  readonly range: Step
  readonly variable: string
  readonly variable2: string
  readonly accumulator: string
  readonly init: Step
  readonly condition: Step
  readonly step: Step
  readonly result: Step
}

/** The names of a comprehension, on top of those around it. */
class FoldFrame implements Frame {
  readonly costs: CostMeter
  readonly root: Frame
  readonly #fold: Fold
  readonly #outer: Frame
  #accumulated: Value | undefined
  #finishing = false
  first: Value = null
  second: Value = null

  constructor(fold: Fold, outer: Frame) {
    this.#fold = fold
    this.#outer = outer
    this.costs = outer.costs
    this.root = outer.root
  }

  resolve(name: string): Value | undefined {
    if (name === this.#fold.accumulator) {
      // Computed when it is first looked at, so that what is bound and never used costs nothing.
      this.#accumulated ??= growing(this.#fold.init.run(this.#outer))
      return this.#accumulated
    }
    if (!this.#finishing) {
      if (name === this.#fold.variable) return this.first
      if (name === this.#fold.variable2) return this.second
    }
    return this.#outer.resolve(name)
  }

  /** False: no further element is wanted. */
  next(first: Value, second: Value): boolean {
    this.first = first
    this.second = second
    if (this.#fold.condition.run(this) === false) return false
    this.#accumulated = this.#fold.step.run(this)
    return true
  }

  finish(): Value {
    this.#finishing = true
    const result = this.#fold.result.run(this)
    return result instanceof GrowingList || result instanceof GrowingMap ? result.done() : result
  }
}

function growing(init: Value): Value {
  if (init instanceof ListValue && init.size === 0) return new GrowingList()
  if (init instanceof MapValue && init.size === 0) return new GrowingMap()
  return init
}

export function foldStep(fold: Fold): Step {
  return {
    run(frame) {
      const inner = new FoldFrame(fold, frame)
      const range = fold.range.run(frame)
      if (range instanceof CelError) return range
      if (range instanceof ListValue) {
        for (let index = 0; index < range.size; index++) {
          const element = range.at(index)
          const [first, second] = fold.variable2 === '' ? [element, null] : [BigInt(index), element]
          if (!inner.next(first, second)) break
        }
      } else if (range instanceof MapValue) {
        for (const key of range.keys())
          if (!inner.next(key, fold.variable2 === '' ? null : (range.find(key) ?? null))) break
      } else if (fold.variable2 === '') return new CelError(`got '${goTypeName(range)}', expected iterable type`)
      else return new CelError(`unsupported comprehension range type: ${goTypeName(range)}`)
      return inner.finish()
    },
  }
}
