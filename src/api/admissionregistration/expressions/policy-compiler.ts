import type { Environment } from '../../../machinery/cel/environment.ts'
import type { Type } from '../../../machinery/cel/type.ts'
import {
  type CompiledExpression,
  compileExpression,
  declaredType,
  type Returns,
  returns,
} from './compile-expression.ts'
import { admissionEnvironment, type AdmissionVariables, type ExpressionAge } from './environment.ts'

/** What an expression may use beside what all of its policy may. */
export type ExpressionOptions = Pick<AdmissionVariables, 'authorizer' | 'patches'>

/**
 * Compiles the expressions of one policy. Variables come first, in their order: each sees those before it (apiserver
 * pkg/admission/plugin/cel/composition.go).
 */
export class PolicyCompiler {
  readonly #age: ExpressionAge
  readonly #shared: Pick<AdmissionVariables, 'params' | 'types'>
  readonly #composed = new Map<string, Type>()
  readonly #environments = new Map<string, Environment>()
  readonly variables = new Map<string, CompiledExpression>()

  constructor(age: ExpressionAge, shared: Pick<AdmissionVariables, 'params' | 'types'>) {
    this.#age = age
    this.#shared = shared
  }
  addVariable(name: string, expression: string): CompiledExpression {
    const compiled = this.compile(expression, returns.anything, { authorizer: true })
    this.variables.set(name, compiled)
    this.#composed.set(name, declaredType(compiled.outputType))
    this.#environments.clear()
    return compiled
  }
  compile(expression: string, wanted: Returns, options: ExpressionOptions): CompiledExpression {
    const key = `${options.authorizer} ${options.patches === true}`
    let environment = this.#environments.get(key)
    if (environment === undefined) {
      environment = admissionEnvironment(this.#age, { ...this.#shared, ...options, composed: this.#composed })
      this.#environments.set(key, environment)
    }
    return compileExpression(expression, environment, wanted)
  }
}
