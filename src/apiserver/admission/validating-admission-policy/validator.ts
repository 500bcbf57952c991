import { type CompiledExpression, returns } from '../../../api/admissionregistration/expressions/compile-expression.ts'
import { PolicyCompiler } from '../../../api/admissionregistration/expressions/policy-compiler.ts'
import type { ValidatingAdmissionPolicy, Validation } from '../../../api/types.generated.ts'
import type { AccessAnswers } from '../policy/access-answers.ts'
import type { ConditionsTold } from '../policy/policy-metrics.ts'
import { Evaluation, OutOfBudget, type Outcome, type Subject } from '../policy/evaluation.ts'
import { type CompiledConditions, conditionsHold, MatchConditionsFailed } from '../policy/match-conditions.ts'
import { runtimeCostBudget } from '../../../machinery/cel/libraries/kubernetes.ts'

/** What a validation says of a request. */
export interface Decision {
  readonly denied: boolean
  readonly message: string
  /** Of the Status; '' when an evaluation failed. */
  readonly reason: string
  /** It could not be evaluated. */
  readonly failed?: boolean
}
export interface Annotation {
  readonly key: string
  /** One of the two. */
  readonly value?: string
  readonly error?: string
}
export interface Judgement {
  readonly decisions: readonly Decision[]
  readonly annotations: readonly Annotation[]
}

interface CompiledValidation {
  readonly validation: Validation
  readonly condition: CompiledExpression
  readonly message: CompiledExpression | undefined
}

/** Longer messages of a messageExpression are not shown (apiserver pkg/apis/cel/config.go). */
const maxMessageBytes = 5 * 1024

/** A policy, ready to judge requests (apiserver pkg/admission/plugin/policy/validating/validator.go). */
export class Validator {
  readonly #failurePolicy: string
  readonly matchConditions: CompiledConditions | undefined
  readonly #validations: readonly CompiledValidation[]
  readonly #annotations: readonly { readonly key: string; readonly value: CompiledExpression }[]
  readonly #variables: ReadonlyMap<string, CompiledExpression>

  constructor({ spec = {} }: ValidatingAdmissionPolicy) {
    const compiler = new PolicyCompiler('stored', { params: spec.paramKind !== undefined })
    for (const { name, expression } of spec.variables ?? []) compiler.addVariable(name, expression)
    const compile = (expression: string, wanted: (typeof returns)['condition' | 'auditAnnotation']) =>
      compiler.compile(expression, wanted, { authorizer: true })
    this.#variables = compiler.variables
    this.#failurePolicy = spec.failurePolicy ?? 'Fail'
    const conditions = (spec.matchConditions ?? []).map(({ expression }) => compile(expression, returns.condition))
    if (conditions.length > 0)
      this.matchConditions = { conditions, failurePolicy: this.#failurePolicy, variables: compiler.variables }
    this.#validations = (spec.validations ?? []).map((validation) => ({
      validation,
      condition: compile(validation.expression, returns.condition),
      message: validation.messageExpression
        ? compiler.compile(validation.messageExpression, returns.message, { authorizer: false })
        : undefined,
    }))
    this.#annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compile(valueExpression, returns.auditAnnotation),
    }))
  }

  validate(
    subject: Subject,
    params: unknown,
    namespaceObject: Readonly<Record<string, unknown>> | null,
    access: AccessAnswers,
    told?: ConditionsTold,
  ): Judgement {
    try {
      if (
        this.matchConditions !== undefined &&
        !conditionsHold(this.matchConditions, subject, { params, access, told })
      )
        return { decisions: [], annotations: [] }
      const shared = { params, namespaceObject, variables: this.#variables }
      const evaluation = new Evaluation(subject, { ...shared, access }, runtimeCostBudget)
      const outcomes = this.#validations.map(({ condition }) => evaluation.evaluate(condition))
      const messages = this.#messages(new Evaluation(subject, shared, evaluation.remaining))
      const annotating = new Evaluation(subject, shared, runtimeCostBudget)
      return {
        decisions: outcomes.map((outcome, index) => this.#decide(index, outcome, messages)),
        annotations: this.#annotations.map(({ key, value }) => this.#annotation(key, annotating.evaluate(value))),
      }
    } catch (error) {
      if (!(error instanceof MatchConditionsFailed || error instanceof OutOfBudget)) throw error
      return { decisions: [this.#failed(error.message)], annotations: [] }
    }
  }

  /** What the messageExpressions say; the text of the error when they cost too much. */
  #messages(evaluation: Evaluation): readonly (Outcome | undefined)[] | string {
    try {
      return this.#validations.map(({ message }) => (message === undefined ? undefined : evaluation.evaluate(message)))
    } catch (error) {
      if (error instanceof OutOfBudget) return error.message
      throw error
    }
  }
  #failed(message: string): Decision {
    return { denied: this.#failurePolicy !== 'Ignore', message, reason: '', failed: true }
  }
  #decide(index: number, outcome: Outcome, messages: readonly (Outcome | undefined)[] | string): Decision {
    const { validation } = this.#validations[index]!
    if (outcome.error !== undefined) return this.#failed(outcome.error)
    if (typeof messages === 'string') return this.#failed(`failed messageExpression: ${messages}`)
    if (outcome.value === true) return { denied: false, message: '', reason: '' }
    const message =
      evaluatedMessage(messages[index]) ||
      (validation.message ?? '').trim() ||
      `failed expression: ${validation.expression.trim()}`
    return { denied: true, message, reason: validation.reason ?? 'Invalid' }
  }
  #annotation(key: string, { value, error }: Outcome): Annotation {
    if (error !== undefined) return this.#failurePolicy === 'Ignore' ? { key } : { key, error }
    return typeof value === 'string' && value.trim() !== '' ? { key, value: value.trim() } : { key }
  }
}

function evaluatedMessage(outcome: Outcome | undefined): string {
  const text = typeof outcome?.value === 'string' ? outcome.value.trim() : ''
  return Buffer.byteLength(text) > maxMessageBytes || text.includes('\n') ? '' : text
}
