import { fieldErrors, goQuote, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { JsonPathError, parsePath } from '../../../machinery/jsonpath/parse.ts'
import { validateConditions, type Condition } from '../../../machinery/validation/conditions.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { checkField, checkOneOf } from '../../field-checks.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../types.generated.ts'
import { returns } from '../expressions/compile-expression.ts'
import { checkExpression, validateMatchConditions } from './match-conditions.ts'
import { validateMatchResources } from './match-resources-validation.ts'
import { validateParamKind } from './param-kind-validation.ts'
import { type PolicyExpressions, policyExpressions, validateVariables } from './policy-expressions.ts'
import { failurePolicies } from './policy-values.ts'
import { checkReservedName } from './reserved-names.ts'

/** pkg/apis/admissionregistration/validation ValidateValidatingAdmissionPolicy. */
const maxAnnotations = 20
const maxValueExpressionBytes = 5 * 1024
const reasons: readonly string[] = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

export function validatePolicy(policy: ValidatingAdmissionPolicy): FieldError[] {
  return [...validateSpec(policy, {}, true), ...checkReservedName(policy)]
}

export function validatePolicyUpdate(
  policy: ValidatingAdmissionPolicy,
  { spec: old = {} }: ValidatingAdmissionPolicy,
): FieldError[] {
  const { spec = {} } = policy
  const same = jsonEqual(spec.paramKind, old.paramKind) && jsonEqual(spec.matchConditions, old.matchConditions)
  return validateSpec(policy, old, !same)
}

/** What the old policy, if any, already says. */
interface Stored {
  readonly validations: ReadonlySet<string>
  readonly messages: ReadonlySet<string>
  readonly annotations: ReadonlySet<string>
}

function validateSpec(
  { metadata, spec = {} }: ValidatingAdmissionPolicy,
  old: ValidatingAdmissionPolicySpec,
  withConditions: boolean,
): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, validations, auditAnnotations, variables } = spec
  const stored: Stored = {
    validations: new Set((old.validations ?? []).map(({ expression }) => expression)),
    messages: new Set((old.validations ?? []).map(({ messageExpression = '' }) => messageExpression)),
    annotations: new Set((old.auditAnnotations ?? []).map(({ valueExpression }) => valueExpression)),
  }
  const params = paramKind !== undefined
  const expressions = policyExpressions(params, (variables ?? []).length > 0)
  const errors: FieldError[] =
    failurePolicy === undefined
      ? [fieldErrors.required('spec.failurePolicy')]
      : checkOneOf(failurePolicy, 'spec.failurePolicy', failurePolicies)
  if (paramKind) errors.push(...validateParamKind(paramKind, 'spec.paramKind'))
  if (!matchConstraints) errors.push(fieldErrors.required('spec.matchConstraints'))
  else {
    errors.push(...validateMatchResources(matchConstraints, 'spec.matchConstraints'))
    if (!matchConstraints.resourceRules?.length) {
      errors.push(fieldErrors.required('spec.matchConstraints.resourceRules'))
    }
  }
  if (withConditions) {
    const known = new Set((old.matchConditions ?? []).map(({ expression }) => expression))
    const rules = { params, stored: known }
    errors.push(...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', rules))
  }
  errors.push(...validateVariables(variables, 'spec.variables', expressions, stored.validations))
  if (!validations?.length && !auditAnnotations?.length) {
    const detail = 'validations or auditAnnotations must contain at least one item'
    for (const member of ['validations', 'auditAnnotations'])
      errors.push(fieldErrors.required(`spec.${member}`, detail))
    return errors
  }
  for (const [index, validation] of (validations ?? []).entries()) {
    errors.push(...validateValidation(validation, `spec.validations[${index}]`, expressions, stored))
  }
  const name = metadata.name ?? ''
  return [...errors, ...validateAnnotations(auditAnnotations ?? [], 'spec.auditAnnotations', name, expressions, stored)]
}

function validateValidation(
  validation: Validation,
  field: string,
  expressions: PolicyExpressions,
  stored: Stored,
): FieldError[] {
  const { expression = '', message = '', messageExpression = '', reason } = validation
  const errors: FieldError[] = []
  const wrong = (member: keyof Validation, detail: string) =>
    errors.push(fieldErrors.invalid(`${field}.${member}`, validation[member], detail))
  if (expression.trim() === '') {
    errors.push(fieldErrors.required(`${field}.expression`, 'expression is not specified'))
  } else {
    const compiled = expressions.compile(expression, returns.condition, { authorizer: true }, stored.validations)
    errors.push(...checkExpression(compiled, expression, `${field}.expression`))
  }
  if (messageExpression.trim() !== '') {
    const options = { authorizer: false }
    const compiled = expressions.compile(messageExpression, returns.message, options, stored.messages)
    errors.push(...checkExpression(compiled, messageExpression, `${field}.messageExpression`))
  } else if (messageExpression !== '') wrong('messageExpression', 'must be non-empty if specified')
  if (message !== '' && message.trim() === '') wrong('message', 'must be non-empty if specified')
  else if (/[\n\r]/.test(message.trim())) wrong('message', 'must not contain line breaks')
  if (reason !== undefined) errors.push(...checkOneOf(reason, `${field}.reason`, reasons))
  return errors
}

function validateAnnotations(
  annotations: readonly AuditAnnotation[],
  field: string,
  policyName: string,
  expressions: PolicyExpressions,
  stored: Stored,
): FieldError[] {
  const errors: FieldError[] = []
  if (annotations.length > maxAnnotations) {
    const bad = annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }))
    errors.push(fieldErrors.invalid(field, bad, `must not have more than ${maxAnnotations} auditAnnotations`))
  }
  const keys = new Set<string>()
  for (const [index, annotation] of annotations.entries()) {
    const { key = '' } = annotation
    const at = `${field}[${index}]`
    errors.push(...validateKey(key, `${at}.key`, policyName))
    errors.push(...validateValue(annotation.valueExpression ?? '', `${at}.valueExpression`, expressions, stored))
    if (keys.has(key)) errors.push(fieldErrors.duplicate(`${at}.key`, key))
    keys.add(key)
  }
  return errors
}

function validateKey(key: string, field: string, policyName: string): FieldError[] {
  if (policyName === '') return [fieldErrors.invalid(field, key, 'requires metadata.name be non-empty')]
  return checkField(`${policyName}/${key}`, field, qualifiedName)
}

function validateValue(text: string, field: string, expressions: PolicyExpressions, stored: Stored): FieldError[] {
  const expression = text.trim()
  if (expression === '') return [fieldErrors.required(field, 'valueExpression is not specified')]
  if (byteLength(expression) > maxValueExpressionBytes) {
    return [fieldErrors.required(field, `must not exceed ${maxValueExpressionBytes} bytes in length`)]
  }
  const known = stored.annotations.has(text) ? new Set([expression]) : new Set<string>()
  const compiled = expressions.compile(expression, returns.auditAnnotation, { authorizer: true }, known)
  return checkExpression(compiled, text, field)
}

export function validatePolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const field = 'status.typeChecking.expressionWarnings'
  const errors = (status?.typeChecking?.expressionWarnings ?? []).flatMap(({ warning, fieldRef = '' }, index) => [
    ...(warning ? [] : [fieldErrors.required(`${field}[${index}].warning`)]),
    ...validateFieldRef(fieldRef.trim(), `${field}[${index}].fieldRef`),
  ])
  return [...errors, ...validateConditions(status?.conditions as readonly Condition[] | undefined, 'status.conditions')]
}

function validateFieldRef(path: string, field: string): FieldError[] {
  if (path === '') return [fieldErrors.required(field)]
  try {
    // It may begin with a word, which ends where a path begins.
    parsePath(path.replace(/^\w[^\s.,[\]$@{}]*/, ''))
    return []
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    return [fieldErrors.invalid(field, path, `invalid JSONPath: ${error.message || goQuote(path)}`)]
  }
}
