import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import {
  type CompiledRule,
  compileRules,
  maxCardinality,
  UndeclaredSchema,
} from '../../../../../machinery/schema/expressions/compile-rules.ts'
import { InvalidFieldPath, ruleFieldPath } from '../../../../../machinery/schema/expressions/rule-field-path.ts'
import type { JsonSchema, SchemaRule } from '../../../../../machinery/schema/values/json-schema.ts'
import { cappedProduct, costMessage, ruleCostLimit } from './expression-costs.ts'
import { declaredTypeOf, type RuleContext } from './rule-context.ts'
import { internalRule, type Schema } from './schema.ts'
import type { SchemaStrictness } from './schema-strictness.ts'
import { structuralFault } from './structural-fault.ts'

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const hasLineBreaks = (text: string) => /[\n\r]/.test(text)

/** What rules are made of, but for their expressions. */
export function validateRules(schema: Schema, field: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    validateRule(rule, schema, `${field}.x-kubernetes-validations[${index}]`),
  )
}

function validateRule(rule: SchemaRule, schema: Schema, field: string): FieldError[] {
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule
  const [text, trimmedMessage] = [(rule.rule ?? '').trim(), message.trim()]
  const errors: FieldError[] = []
  if (text === '') errors.push(fieldErrors.required(`${field}.rule`, 'rule is not specified'))
  else if (message !== '' && trimmedMessage === '')
    errors.push(fieldErrors.invalid(`${field}.message`, message, 'must be non-empty if specified'))
  else if (hasLineBreaks(trimmedMessage))
    errors.push(fieldErrors.invalid(`${field}.message`, message, 'must not contain line breaks'))
  else if (hasLineBreaks(text) && trimmedMessage === '')
    errors.push(fieldErrors.required(`${field}.message`, 'message must be specified if rule contains line breaks'))
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified'
    errors.push(fieldErrors.required(`${field}.messageExpression`, detail))
  }
  if (reason !== undefined && !reasons.includes(reason))
    errors.push(fieldErrors.notSupported(`${field}.reason`, reason, reasons))
  const wrongPath = (detail: string) => errors.push(fieldErrors.invalid(`${field}.fieldPath`, fieldPath, detail))
  if (fieldPath !== '' && fieldPath.trim() === '') wrongPath('must be non-empty if specified')
  if (hasLineBreaks(fieldPath)) wrongPath('must not contain line breaks')
  if (fieldPath !== '' && !isFieldPath(fieldPath, schema)) wrongPath('must be a valid path')
  return errors
}

function isFieldPath(path: string, schema: Schema): boolean {
  if (structuralFault(schema) !== undefined) return true
  try {
    ruleFieldPath(path, schema as JsonSchema)
    return true
  } catch (error) {
    if (error instanceof InvalidFieldPath) return false
    throw error
  }
}

/** Whether the expressions of rules compile and what they may cost. `uncorrelatable`: the path below which there is no oldSelf. */
export function validateExpressions(
  context: RuleContext,
  field: string,
  uncorrelatable: string | undefined,
  { stored, ruleCosts }: SchemaStrictness,
): FieldError[] {
  const { schema } = context
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const at = `${field}.x-kubernetes-validations`
  const declared = declaredTypeOf(context)
  if (declared === undefined) {
    const why = 'unable to convert structural schema to CEL declarations'
    const detail = `internal error: failed to construct type information for x-kubernetes-validations rules: ${why}`
    return [fieldErrors.internal(at, detail)]
  }
  let compiled: readonly CompiledRule[]
  try {
    compiled = compileRules(rules, schema as JsonSchema, declared, stored)
  } catch (error) {
    if (error instanceof UndeclaredSchema) return [fieldErrors.internal(at, error.message)]
    throw error
  }
  const cardinality = context.cardinality ?? maxCardinality(declared)
  return compiled.flatMap((rule, index) => {
    const errors: FieldError[] = []
    const ruleAt = `${at}[${index}]`
    const charge = (part: 'rule' | 'messageExpression', name: string, cost: bigint) => {
      if (ruleCosts && cost > ruleCostLimit)
        errors.push(fieldErrors.forbidden(`${ruleAt}.${part}`, costMessage(name, cost, ruleCostLimit)))
      context.total.observe(`${ruleAt}.${part}`, cost)
    }
    charge('rule', 'estimated rule cost', cappedProduct(rule.program?.maxCost ?? 0n, cardinality))
    const wrong = (part: string, detail: string) =>
      errors.push(fieldErrors.invalid(`${ruleAt}.${part}`, internalRule(rules[index]!), detail))
    if (rule.error !== undefined) wrong('rule', rule.error)
    if (rule.messageError !== undefined) wrong('messageExpression', rule.messageError)
    else if (rule.message !== undefined)
      charge('messageExpression', 'estimated messageExpression cost', rule.message.maxCost)
    errors.push(...validateOldSelf(rule, ruleAt, uncorrelatable))
    return errors
  })
}

function validateOldSelf(
  { rule, usesOldSelf }: CompiledRule,
  field: string,
  uncorrelatable: string | undefined,
): FieldError[] {
  if (!usesOldSelf) {
    if (rule.optionalOldSelf === undefined) return []
    const detail = 'may not be set if oldSelf is not used in rule'
    return [fieldErrors.invalid(`${field}.optionalOldSelf`, rule.optionalOldSelf, detail)]
  }
  if (uncorrelatable === undefined) return []
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`
  return [fieldErrors.invalid(`${field}.rule`, rule.rule, detail)]
}
