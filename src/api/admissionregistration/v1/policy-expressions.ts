import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import type { Variable } from '../../types.generated.ts'
import { type CompiledExpression, compileExpression, type Returns } from '../expressions/compile-expression.ts'
import { admissionEnvironment, type ExpressionAge } from '../expressions/environment.ts'
import { type ExpressionOptions, PolicyCompiler } from '../expressions/policy-compiler.ts'
import { checkExpression } from './match-conditions.ts'

/**
 * Compiles the expressions of one policy to see whether they can be (pkg/apis/admissionregistration/validation):
 * those that are stored already may use what is no longer given to new ones.
 */
export interface PolicyExpressions {
  /** Variables, in order; each is known to what is compiled later. */
  addVariable(variable: Variable, stored: ReadonlySet<string>): CompiledExpression
  compile(
    expression: string,
    wanted: Returns,
    options: ExpressionOptions,
    stored: ReadonlySet<string>,
  ): CompiledExpression
}

const ageOf = (expression: string, stored: ReadonlySet<string>): ExpressionAge =>
  stored.has(expression) ? 'stored' : 'new'

/** `composed`: whether expressions may name variables at all. */
export function policyExpressions(params: boolean, composed: boolean): PolicyExpressions {
  const compilers = { new: new PolicyCompiler('new', { params }), stored: new PolicyCompiler('stored', { params }) }
  return {
    addVariable({ name, expression }, stored) {
      const results = {
        stored: compilers.stored.addVariable(name, expression),
        new: compilers.new.addVariable(name, expression),
      }
      return results[ageOf(expression, stored)]
    },
    compile(expression, wanted, options, stored) {
      const age = ageOf(expression, stored)
      if (composed) return compilers[age].compile(expression, wanted, options)
      return compileExpression(expression, admissionEnvironment(age, { params, ...options }), wanted)
    },
  }
}

const reserved: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
])
const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reserved.has(name)

export function validateVariables(
  variables: readonly Variable[] | undefined,
  field: string,
  expressions: PolicyExpressions,
  stored: ReadonlySet<string>,
): FieldError[] {
  return (variables ?? []).flatMap((variable, index) => {
    const { name = '', expression = '' } = variable
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    if (name.trim() === '') errors.push(fieldErrors.required(`${at}.name`, 'name is not specified'))
    else if (!isIdentifier(name)) {
      errors.push(fieldErrors.invalid(`${at}.name`, name, 'must be a valid CEL identifier'))
    }
    if (expression.trim() === '') {
      return [...errors, fieldErrors.required(`${at}.expression`, 'expression is not specified')]
    }
    const compiled = expressions.addVariable(variable, stored)
    return [...errors, ...checkExpression(compiled, expression, `${at}.expression`)]
  })
}
