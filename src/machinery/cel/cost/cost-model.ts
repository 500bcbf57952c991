import type { Expr } from '../expression.ts'
import type { Type } from '../type.ts'
import type { Value } from '../value.ts'
import type { Estimate } from './estimate.ts'

/** What is known of an operand before it is computed (cel-go checker/cost.go AstNode). */
export interface CostNode {
  /** Variable, then field names, `@items`, `@keys`, `@values`; undefined where it is not part of a variable. */
  readonly path?: readonly string[]
  readonly type: Type
  readonly expr?: Expr
  /** The size that follows from the expression alone. */
  readonly size?: Estimate
}

export interface CallEstimate {
  readonly cost: Estimate
  /** The size of the result. */
  readonly size?: Estimate
}

/** Sizes of inputs and costs of functions that the environment of an expression knows. */
export interface CostEstimator {
  estimateSize(node: CostNode): Estimate | undefined
  estimateCall(
    name: string,
    overload: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
  ): CallEstimate | undefined
  /** What a call did cost. */
  callCost(name: string, overload: string, args: readonly Value[], result: Value): number | undefined
}

/** Costs that a library gives to its overloads. */
export interface OverloadCost {
  estimate?(estimator: CostEstimator, target: CostNode | undefined, args: readonly CostNode[]): CallEstimate | undefined
  track?(args: readonly Value[], result: Value): number | undefined
}
export type OverloadCosts = ReadonlyMap<string, OverloadCost>

/** Units of cost (cel-go common/cost.go). */
export const cost = {
  selectOrIdent: 1,
  createList: 10,
  createMap: 30,
  createStruct: 40,
  /** Per character of a string that is walked through. */
  stringTraversal: 0.1,
  /** Per character of a regular expression. */
  regex: 0.25,
} as const
