import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkRequired } from '../../field-checks.ts'
import type { MatchCondition } from '../../types.generated.ts'
import { type CompiledExpression, compileExpression, returns } from '../expressions/compile-expression.ts'
import { admissionEnvironment } from '../expressions/environment.ts'

const maxConditions = 64

export interface MatchConditionRules {
  readonly params: boolean
  /** Expressions that are stored already: these may use what is no longer given to new ones. */
  readonly stored: ReadonlySet<string>
}

/** pkg/apis/admissionregistration/validation validateMatchConditions. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  field: string,
  rules: MatchConditionRules,
): FieldError[] {
  const list = conditions ?? []
  const errors = list.length > maxConditions ? [fieldErrors.tooMany(field, list.length, maxConditions)] : []
  const names = new Set<string>()
  for (const [index, { name = '', expression = '' }] of list.entries()) {
    const at = `${field}[${index}]`
    const text = expression.trim()
    if (text === '') errors.push(fieldErrors.required(`${at}.expression`))
    else errors.push(...checkExpression(compileCondition(text, rules), text, `${at}.expression`))
    errors.push(...checkRequired(name, `${at}.name`, qualifiedName))
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name))
    if (name !== '') names.add(name)
  }
  return errors
}

function compileCondition(expression: string, { params, stored }: MatchConditionRules): CompiledExpression {
  const environment = admissionEnvironment(stored.has(expression) ? 'stored' : 'new', { params, authorizer: true })
  return compileExpression(expression, environment, returns.condition)
}

/** `text` is the expression as it was written. */
export function checkExpression({ error, internal }: CompiledExpression, text: string, field: string): FieldError[] {
  if (error === undefined) return []
  return [internal ? fieldErrors.internal(field, error) : fieldErrors.invalid(field, text, error)]
}
