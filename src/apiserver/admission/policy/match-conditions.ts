import type { CompiledExpression } from '../../../api/admissionregistration/expressions/compile-expression.ts'
import { aggregate } from '../../../machinery/errors.ts'
import type { AccessAnswers } from './access-answers.ts'
import { Evaluation, OutOfBudget, type Subject } from './evaluation.ts'
import type { ConditionsTold } from './policy-metrics.ts'

/** What the match conditions of one policy or webhook may cost together (apiserver pkg/apis/cel/config.go). */
const budget = 2_500_000

export interface CompiledConditions {
  readonly conditions: readonly CompiledExpression[]
  readonly failurePolicy: string
  readonly variables?: ReadonlyMap<string, CompiledExpression>
}

/**
 * Whether all conditions hold (apiserver pkg/admission/plugin/webhook/matchconditions). One that is false decides, even
 * when others fail. Throws an Error when some fail and the failure policy is not Ignore.
 */
export function conditionsHold(
  { conditions, failurePolicy, variables }: CompiledConditions,
  subject: Subject,
  {
    params,
    access,
    told,
  }: { readonly params?: unknown; readonly access: AccessAnswers; readonly told?: ConditionsTold },
): boolean {
  const evaluation = new Evaluation(subject, { params, access, variables, namespaceObject: null }, budget)
  const errors: string[] = []
  try {
    // Upstream evaluates all before it looks: the budget counts for all.
    const outcomes = conditions.map((condition) => evaluation.evaluate(condition))
    for (const { value, error } of outcomes) {
      if (error !== undefined) {
        errors.push(error)
        told?.failed()
      }
      if (value === false) {
        told?.excluded()
        return false
      }
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    errors.splice(0, errors.length, error.message)
  } finally {
    told?.evaluated()
  }
  if (errors.length === 0) return true
  if (failurePolicy === 'Ignore') return false
  throw new MatchConditionsFailed(aggregate(errors))
}

export class MatchConditionsFailed extends Error {
  override readonly name = 'MatchConditionsFailed'
}
