import type { Checked } from '../../cel/checked.ts'
import { type Environment, extendEnvironment } from '../../cel/environment.ts'
import { kubernetesCosts } from '../../cel/libraries/kubernetes-cost.ts'
import { maxRequestBytes, newExpressions, perCallLimit, storedExpressions } from '../../cel/libraries/kubernetes.ts'
import { compile, estimateCost, PlanError, Program } from '../../cel/program.ts'
import { CompileError } from '../../cel/source.ts'
import { boolType, optionalOf, sameType, stringType } from '../../cel/type.ts'
import type { CostEstimator } from '../../cel/cost/cost-model.ts'
import type { JsonSchema, SchemaRule } from '../values/json-schema.ts'
import { type DeclaredType, declaredAt, nameTypes } from './declared-type.ts'
import { InvalidFieldPath, ruleFieldPath } from './rule-field-path.ts'

/** A rule, compiled or not. */
export interface CompiledRule {
  readonly rule: SchemaRule
  /** Absent: the rule is empty, or wrong. */
  readonly program?: CompiledProgram
  readonly error?: string
  readonly usesOldSelf: boolean
  readonly message?: CompiledProgram
  readonly messageError?: string
  /** Where below the value its errors are to be shown; '' at the value itself. */
  readonly fieldPath: string
}
export interface CompiledProgram {
  readonly program: Program
  /** The most that it can cost for one value. */
  readonly maxCost: bigint
}

/** That the values of a schema with rules are not visible to rules. */
export class UndeclaredSchema extends Error {
  override readonly name = 'UndeclaredSchema'
  constructor() {
    super('failed to convert to declType for CEL validation rules')
  }
}

/** Expressions that are stored already may use what new ones may not yet; their texts tell which those are. */
export interface StoredExpressions {
  isStoredRule(text: string): boolean
  isStoredMessage(text: string): boolean
}
export const allStored: StoredExpressions = { isStoredRule: () => true, isStoredMessage: () => true }

/**
 * Compiles the rules of one schema, not of those within it (apiextensions pkg/apiserver/schema/cel/compilation.go).
 * Throws UndeclaredSchema.
 */
export function compileRules(
  rules: readonly SchemaRule[],
  schema: JsonSchema,
  declared: DeclaredType | undefined,
  stored: StoredExpressions,
): readonly CompiledRule[] {
  if (rules.length === 0) return []
  if (declared === undefined) throw new UndeclaredSchema()
  const { type, structs } = nameTypes(declared, 'selfType1')
  const environments = new Map<string, Environment>()
  const environmentOf = (isStored: boolean, optional: boolean): Environment => {
    const key = `${isStored} ${optional}`
    const known = environments.get(key)
    if (known !== undefined) return known
    const made = extendEnvironment(isStored ? storedExpressions : newExpressions, {
      variables: [
        ['self', type],
        ['oldSelf', optional ? optionalOf(type) : type],
      ],
      structs,
    })
    environments.set(key, made)
    return made
  }
  const costs = kubernetesCosts(({ path }) => {
    const at = path && declaredAt(declared, path.slice(1))
    return at && { min: 0n, max: BigInt(at.maxElements) }
  })
  return rules.map((rule) => {
    const optional = rule.optionalOldSelf === true
    const forRule = environmentOf(stored.isStoredRule(rule.rule), optional)
    const forMessage = environmentOf(stored.isStoredMessage(rule.messageExpression ?? ''), optional)
    return compileRule(rule, schema, forRule, forMessage, costs)
  })
}

/** How often at most a value of the schema can be in one object. */
export function maxCardinality({ minBytes }: DeclaredType): bigint {
  return BigInt(Math.floor(maxRequestBytes / (minBytes + 1)))
}

function compileRule(
  rule: SchemaRule,
  schema: JsonSchema,
  environment: Environment,
  messageEnvironment: Environment,
  costs: CostEstimator,
): CompiledRule {
  const failed = (error?: string): CompiledRule => ({ rule, error, usesOldSelf: false, fieldPath: '' })
  if (rule.rule.trim() === '') return failed()
  let checked: Checked
  let program: CompiledProgram
  try {
    checked = compile(rule.rule, environment)
    if (!sameType(checked.outputType, boolType)) return failed('cel expression must evaluate to a bool')
    program = makeProgram(checked, environment, costs)
  } catch (error) {
    return failed(failureText(error, 'compilation failed: ', 'program instantiation failed: '))
  }
  const usesOldSelf = [...checked.references.values()].some(({ name }) => name === 'oldSelf')
  const compiled = { rule, program, usesOldSelf, fieldPath: fieldPathOf(rule, schema) }
  if (!rule.messageExpression) return compiled
  try {
    const message = compile(rule.messageExpression, messageEnvironment)
    if (!sameType(message.outputType, stringType))
      return { ...compiled, messageError: 'messageExpression must evaluate to a string' }
    return { ...compiled, message: makeProgram(message, messageEnvironment, costs) }
  } catch (error) {
    const why = ['messageExpression compilation failed: ', 'messageExpression instantiation failed: '] as const
    return { ...compiled, messageError: failureText(error, ...why) }
  }
}

function makeProgram(checked: Checked, environment: Environment, costs: CostEstimator): CompiledProgram {
  const program = new Program(checked, environment, costs, perCallLimit)
  let maxCost: bigint | undefined
  return {
    program,
    // Asked for when a definition is written, but not for each of its objects.
    get maxCost() {
      return (maxCost ??= estimateCost(checked, environment, costs).max)
    },
  }
}

function failureText(error: unknown, compilation: string, instantiation: string): string {
  if (error instanceof CompileError) return compilation + error.message
  if (error instanceof PlanError) return instantiation + error.message
  throw error
}

function fieldPathOf({ fieldPath }: SchemaRule, schema: JsonSchema): string {
  if (!fieldPath) return ''
  try {
    return ruleFieldPath(fieldPath, schema).path
  } catch (error) {
    if (error instanceof InvalidFieldPath) return ''
    throw error
  }
}
