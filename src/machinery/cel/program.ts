import type { Checked } from './checked.ts'
import { check } from './checker.ts'
import type { CostEstimator } from './cost/cost-model.ts'
import { estimateCost as estimate } from './cost/estimate-cost.ts'
import type { Estimate } from './cost/estimate.ts'
import type { Environment } from './environment.ts'
import { type Activation, CostLimitExceeded, CostMeter, RootFrame } from './frame.ts'
import { parse } from './parser.ts'
import { Planner } from './plan.ts'
import { CompileError, Issues, Source } from './source.ts'
import type { Step } from './step.ts'
import { CelError, type Value } from './value.ts'

export { PlanError } from './plan.ts'

/** Parses and checks an expression. Throws CompileError, whose message is what cel-go's Issues.String says. */
export function compile(text: string, environment: Environment): Checked {
  const source = new Source(text)
  const issues = new Issues(source)
  const parsed = parse(source, environment.macros, issues)
  if (parsed === undefined) throw new CompileError(issues.toString())
  const checked = check(parsed, environment, source, issues)
  if (!issues.empty) throw new CompileError(issues.toString())
  const report = (id: number, message: string) => issues.report(source.locate(parsed.tree.offset(id)), message)
  for (const astCheck of environment.checks) astCheck(checked, environment, report)
  if (!issues.empty) throw new CompileError(issues.toString())
  return checked
}

export function estimateCost(checked: Checked, environment: Environment, estimator: CostEstimator): Estimate {
  return estimate(checked, estimator, environment.costs)
}

export interface Evaluation {
  /** An error, where the evaluation failed or cost too much. */
  readonly value: Value
  /** What it did cost. */
  readonly cost: number
}

/** An expression ready to be evaluated, any number of times. */
export class Program {
  readonly #step: Step
  readonly #costLimit: number
  /** Throws PlanError where a constant part of the expression fails. */
  constructor(checked: Checked, environment: Environment, estimator: CostEstimator, costLimit: number) {
    this.#step = new Planner(checked, environment, estimator).plan(checked.expr)
    this.#costLimit = costLimit
  }

  evaluate(activation: Activation): Evaluation {
    const costs = new CostMeter(this.#costLimit)
    try {
      const value = this.#step.run(new RootFrame(activation, costs))
      return { value, cost: costs.spent }
    } catch (error) {
      if (error instanceof CostLimitExceeded) return { value: new CelError(error.message), cost: costs.spent }
      if (error instanceof RangeError)
        return { value: new CelError(`internal error: ${error.message}`), cost: costs.spent }
      throw error
    }
  }
}

/** Whether an error is that of a program that was stopped for its cost. */
export const isCostLimit = (message: string): boolean =>
  message.startsWith('operation cancelled: actual cost limit exceeded')
