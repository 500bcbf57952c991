import type { Checked } from '../checked.ts'
import type { OverloadCosts } from './cost-model.ts'
import {
  type CallNode,
  type ComprehensionNode,
  type Expr,
  type ListNode,
  type MapNode,
  operator,
  type SelectNode,
} from '../expression.ts'
import { accumulatorName } from '../macro.ts'
import type { Type } from '../type.ts'
import { sizeOf, type Value } from '../value.ts'
import { type CallEstimate, cost, type CostEstimator, type CostNode } from './cost-model.ts'
import { builtInCost } from './built-in-cost.ts'
import { type Estimate, fixed, greatest, noCost, plus, times, union, unit, unknownEstimate } from './estimate.ts'

/** Sizes of the keys and values of a collection. */
export interface EntrySizes {
  readonly kind: 'list' | 'map'
  readonly key: Estimate
  readonly value: Estimate
}
interface LocalVariable {
  readonly path: readonly string[]
  readonly size?: Estimate
  readonly entries?: EntrySizes
}

/**
 * The bounds of what an expression may cost, before it has been given any value (cel-go checker/cost.go). Presence tests
 * are free, as Kubernetes sets it.
 */
export function estimateCost(checked: Checked, estimator: CostEstimator, overloads: OverloadCosts): Estimate {
  return new Coster(checked, estimator, overloads).cost(checked.expr)
}

export class Coster {
  readonly #checked: Checked
  readonly #estimator: CostEstimator
  readonly #overloads: OverloadCosts
  readonly #paths = new Map<number, readonly string[]>()
  readonly #sizes = new Map<number, Estimate>()
  readonly #entrySizes = new Map<number, EntrySizes>()
  readonly #variables = new Map<string, LocalVariable[]>()

  constructor(checked: Checked, estimator: CostEstimator, overloads: OverloadCosts) {
    this.#checked = checked
    this.#estimator = estimator
    this.#overloads = overloads
  }

  cost(expr: Expr): Estimate {
    const { node } = expr
    switch (node.kind) {
      case 'ident': {
        this.#paths.set(expr.id, this.#variable(node.name)?.path ?? [node.name])
        return unit
      }
      case 'select':
        return this.#select(expr, node)
      case 'call':
        return this.#call(expr, node)
      case 'list':
        return this.#list(expr, node)
      case 'map':
        return this.#map(expr, node)
      case 'struct':
        return plus(fixed(cost.createStruct), ...node.fields.map(({ value }) => this.cost(value)))
      case 'comprehension':
        return isBind(node) ? this.#bind(expr, node) : this.#comprehension(expr, node)
      default:
        return noCost
    }
  }

  #type(expr: Expr): Type | undefined {
    return this.#checked.types.get(expr.id)
  }
  #variable(name: string): LocalVariable | undefined {
    return this.#variables.get(name)?.at(-1)
  }
  #push(name: string, variable: LocalVariable): void {
    const stack = this.#variables.get(name)
    if (stack === undefined) this.#variables.set(name, [variable])
    else stack.push(variable)
  }
  #pop(name: string): void {
    this.#variables.get(name)?.pop()
  }
  #path(expr: Expr): readonly string[] {
    const local = expr.node.kind === 'ident' ? this.#variable(expr.node.name) : undefined
    return local?.path ?? this.#paths.get(expr.id) ?? []
  }

  #select(expr: Expr, { operand, field, testOnly }: SelectNode): Estimate {
    const operandCost = this.cost(operand)
    if (testOnly) return operandCost
    this.#paths.set(expr.id, [...this.#path(operand), field])
    const known = ['map', 'struct', 'typeParam'].includes(this.#type(operand)?.kind ?? '')
    return known ? plus(operandCost, unit) : operandCost
  }

  #call(expr: Expr, node: CallNode): Estimate {
    if (node.function === 'dyn') {
      const argument = node.args[0]!
      const argumentCost = this.cost(argument)
      this.#copySizes(expr, argument)
      return plus(unit, argumentCost)
    }
    const argCosts = node.args.map((arg) => this.cost(arg))
    const args = node.args.map((arg) => this.#node(arg))
    const ids = this.#checked.references.get(expr.id)?.overloads ?? []
    if (ids.length === 0) return noCost
    const targetCost = node.target === undefined ? noCost : this.cost(node.target)
    const target = node.target && this.#node(node.target)
    let callCost: Estimate = { min: greatest, max: 0n }
    let size: Estimate | undefined
    for (const id of ids) {
      const estimate = this.#functionCost(expr, node, id, target, args, argCosts)
      callCost = union(callCost, estimate.cost)
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size)
      if ((id === 'index_list' || id === 'index_map') && node.args.length > 0) {
        size = this.entrySizes(node.args[0]!)?.value
        this.#paths.set(expr.id, [...this.#path(node.args[0]!), id === 'index_list' ? '@items' : '@values'])
      }
      size ??= this.#size(expr)
    }
    if (size !== undefined) this.#sizes.set(expr.id, size)
    return plus(targetCost, callCost)
  }

  #functionCost(
    expr: Expr,
    node: CallNode,
    overload: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
    argCosts: readonly Estimate[],
  ): CallEstimate {
    const withArgs = ({ cost: callCost, size }: CallEstimate) => ({ cost: plus(callCost, ...argCosts), size })
    const own = this.#overloads.get(overload)?.estimate?.(this.#estimator, target, args)
    if (own !== undefined) return withArgs(own)
    const known = this.#estimator.estimateCall(node.function, overload, target, args)
    if (known !== undefined) return withArgs(known)
    if (overload === 'logical_or' || overload === 'logical_and') {
      const [left, right] = argCosts as [Estimate, Estimate]
      return { cost: { min: left.min, max: plus(left, right).max } }
    }
    if (node.function === operator.conditional) {
      const [, yes, no] = node.args as readonly [Expr, Expr, Expr]
      this.setEntrySizes(expr, unionEntries(this.entrySizes(yes), this.entrySizes(no)))
      const [condition, yesCost, noCost] = argCosts as [Estimate, Estimate, Estimate]
      return {
        cost: plus(condition, union(yesCost, noCost)),
        size: union(sizeOrUnknown(args[1]), sizeOrUnknown(args[2])),
      }
    }
    if (overload.startsWith('add_') && node.args.length === 2)
      this.setEntrySizes(expr, unionEntries(this.entrySizes(node.args[0]!), this.entrySizes(node.args[1]!)))
    return withArgs(builtInCost(overload, target, args) ?? { cost: unit })
  }

  #list(expr: Expr, { elements }: ListNode): Estimate {
    const costs = elements.map((element) => this.cost(element))
    const value = this.#sizeRange(elements)
    this.#entrySizes.set(expr.id, { kind: 'list', key: unit, value })
    return plus(fixed(cost.createList), ...costs)
  }
  #map(expr: Expr, { entries }: MapNode): Estimate {
    const costs = entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)])
    const key = this.#sizeRange(entries.map((entry) => entry.key))
    const value = this.#sizeRange(entries.map((entry) => entry.value))
    this.#entrySizes.set(expr.id, { kind: 'map', key, value })
    return plus(fixed(cost.createMap), ...costs)
  }
  #sizeRange(exprs: readonly Expr[]): Estimate {
    if (exprs.length === 0) return noCost
    return exprs.map((expr) => this.#size(expr) ?? unknownEstimate).reduce(union)
  }

  #comprehension(expr: Expr, node: ComprehensionNode): Estimate {
    const before = plus(this.cost(node.range), this.cost(node.init))
    this.#push(node.accumulator, this.#bound(node.init))
    this.#pushIteration(node)
    const condition = this.cost(node.condition)
    const step = this.cost(node.step)
    this.#pop(node.variable)
    if (node.variable2 !== '') this.#pop(node.variable2)
    const result = this.cost(node.result)
    this.#pop(node.accumulator)
    const count = this.#size(node.range) ?? unknownEstimate
    const init = node.init.node.kind
    if (init === 'literal') this.#setSize(expr, this.#size(node.init))
    else if (init === 'list' || init === 'map') {
      this.#sizes.set(expr.id, count)
      this.setEntrySizes(expr, this.entrySizes(node.step))
    }
    return plus(before, result, times(count, plus(step, condition)))
  }

  #pushIteration({ range, variable, variable2 }: ComprehensionNode): void {
    const entries = this.entrySizes(range)
    const list = (entries?.kind ?? this.#type(range)?.kind) === 'list'
    const path = this.#path(range)
    const keys = { path: [...path, list ? '@indices' : '@keys'], size: entries?.key }
    const values = { path: [...path, list ? '@items' : '@values'], size: entries?.value }
    if (variable2 === '') return this.#push(variable, list ? values : keys)
    this.#push(variable, keys)
    this.#push(variable2, values)
  }

  #bound(expr: Expr): LocalVariable {
    return { path: this.#path(expr), size: this.#size(expr), entries: this.entrySizes(expr) }
  }
  #bind(expr: Expr, node: ComprehensionNode): Estimate {
    const before = plus(this.cost(node.range), this.cost(node.init))
    this.#push(node.accumulator, this.#bound(node.init))
    const result = this.cost(node.result)
    this.#pop(node.accumulator)
    this.#copySizes(expr, node.result)
    return plus(before, result)
  }

  #node(expr: Expr): CostNode {
    const path = this.#path(expr)
    const known = path.length > 0 && path[0] !== accumulatorName
    return { path: known ? path : undefined, type: this.#type(expr)!, expr, size: this.#size(expr) }
  }

  #size(expr: Expr): Estimate | undefined {
    const known = this.#sizes.get(expr.id) ?? exprSize(expr)
    if (known !== undefined) return known
    const type = this.#type(expr)
    if (type === undefined) return undefined
    const estimated = this.#estimator.estimateSize({ expr, path: this.#path(expr), type })
    if (estimated !== undefined) {
      this.#sizes.set(expr.id, estimated)
      return estimated
    }
    if (isScalar(type)) return unit
    return expr.node.kind === 'ident' ? this.#variable(expr.node.name)?.size : undefined
  }
  #setSize(expr: Expr, size: Estimate | undefined): void {
    if (size !== undefined) this.#sizes.set(expr.id, size)
  }
  #copySizes(to: Expr, from: Expr): void {
    this.#setSize(to, this.#size(from))
    this.setEntrySizes(to, this.entrySizes(from))
  }
  setEntrySizes(expr: Expr, sizes: EntrySizes | undefined): void {
    if (sizes !== undefined) this.#entrySizes.set(expr.id, sizes)
  }
  entrySizes(expr: Expr): EntrySizes | undefined {
    const known = this.#entrySizes.get(expr.id)
    if (known !== undefined || expr.node.kind !== 'ident') return known
    return this.#variable(expr.node.name)?.entries
  }
}

export const sizeOrUnknown = (node: CostNode | undefined): Estimate => node?.size ?? unknownEstimate

function unionEntries(a: EntrySizes | undefined, b: EntrySizes | undefined): EntrySizes | undefined {
  return a && b && { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) }
}

/** The bind of a variable is a comprehension over nothing. */
export function isBind({ range, condition, accumulator }: ComprehensionNode): boolean {
  return (
    range.node.kind === 'list' &&
    range.node.elements.length === 0 &&
    condition.node.kind === 'literal' &&
    condition.node.value === false &&
    accumulator !== '__result__'
  )
}

function exprSize({ node }: Expr): Estimate | undefined {
  switch (node.kind) {
    case 'literal':
      return fixed(literalSize(node.value))
    case 'list':
      return fixed(node.elements.length)
    case 'map':
      return fixed(node.entries.length)
    default:
      return undefined
  }
}
const literalSize = (value: Value) => sizeOf(value) ?? 1

function isScalar(type: Type): boolean {
  if (type.kind === 'opaque') return type.name === 'optional_type' && isScalar(type.params[0]!)
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind)
}
