import { declaredStructs } from '../../../machinery/cel/declared-structs.ts'
import { type Environment, extendEnvironment } from '../../../machinery/cel/environment.ts'
import { children, type Expr, operator } from '../../../machinery/cel/expression.ts'
import { kubernetesCosts } from '../../../machinery/cel/libraries/kubernetes-cost.ts'
import { storedExpressions } from '../../../machinery/cel/libraries/kubernetes.ts'
import { compile, PlanError, Program } from '../../../machinery/cel/program.ts'
import { CompileError } from '../../../machinery/cel/source.ts'
import {
  anyType,
  boolType,
  listOf,
  mapOf,
  objectType,
  sameType,
  stringType,
  typeText,
} from '../../../machinery/cel/type.ts'
import { CelError, type Value } from '../../../machinery/cel/value.ts'
import { type FieldError, fieldErrors } from '../../../machinery/field-error.ts'

const userInfo = 'kubernetes.UserInfo'

/** What expressions may name: the claims of a token, or the user made of them (apiserver pkg/authentication/cel). */
export const claimsEnvironment: Environment = extendEnvironment(storedExpressions, {
  variables: [['claims', mapOf(stringType, anyType)]],
})
export const userEnvironment: Environment = extendEnvironment(storedExpressions, {
  variables: [['user', objectType(userInfo)]],
  structs: declaredStructs({
    [userInfo]: {
      username: stringType,
      uid: stringType,
      groups: listOf(stringType),
      extra: mapOf(stringType, listOf(stringType)),
    },
  }),
})

export interface ClaimExpression {
  readonly expression: string
  readonly program: Program
  readonly tree: Expr
}

const costs = kubernetesCosts()

/** `condition`: it must be true or false. The FieldError says why it does not compile. */
export function compileClaimExpression(
  expression: string,
  environment: Environment,
  field: string,
  condition: boolean,
): { readonly compiled: ClaimExpression } | { readonly error: FieldError } {
  try {
    const checked = compile(expression, environment)
    if (condition && !sameType(checked.outputType, boolType))
      return { error: fieldErrors.invalid(field, expression, `must evaluate to ${typeText(boolType)}`) }
    const program = new Program(checked, environment, costs, Infinity)
    return { compiled: { expression, program, tree: checked.expr } }
  } catch (error) {
    if (error instanceof CompileError)
      return { error: fieldErrors.invalid(field, expression, `compilation failed: ${error.message}`) }
    if (error instanceof PlanError)
      return { error: fieldErrors.invalid(field, expression, `program instantiation failed: ${error.message}`) }
    throw error
  }
}

/** The value of an expression over one variable. Throws an Error when it has none. */
export function evaluateClaim({ expression, program }: ClaimExpression, variable: string, value: Value): Value {
  const result = program.evaluate((name) => (name === variable ? value : undefined)).value
  if (result instanceof CelError) throw new Error(`expression '${expression}' resulted in error: ${result.message}`)
  return result
}

/** Whether an expression looks at a claim, as `claims.name` or `claims.?name` (validation.go hasSelectExp). */
export function looksAtClaim({ tree }: ClaimExpression, name: string): boolean {
  const isClaims = ({ node }: Expr) => node.kind === 'ident' && node.name === 'claims'
  const looks = (expr: Expr): boolean => {
    const { node } = expr
    if (node.kind === 'select' && node.field === name && isClaims(node.operand)) return true
    if (node.kind === 'call' && node.function === operator.optionalSelect && node.args.length === 2) {
      const [operand, field] = node.args as readonly [Expr, Expr]
      if (isClaims(operand) && field.node.kind === 'literal' && field.node.value === name) return true
    }
    return children(expr).some(looks)
  }
  return looks(tree)
}
