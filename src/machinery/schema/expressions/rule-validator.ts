import { isCostLimit } from '../../cel/program.ts'
import { CelError, none, Optional, type Value } from '../../cel/value.ts'
import { errorText, type FieldError, fieldErrors, goQuote, omitValue } from '../../field-error.ts'
import { isObject } from '../../json.ts'
import type { JsonSchema, SchemaRule } from '../values/json-schema.ts'
import { allStored, type CompiledRule, compileRules, UndeclaredSchema } from './compile-rules.ts'
import { Correlated, itemsByKey } from '../values/correlated.ts'
import { type DeclaredType, declareType, withObjectMembers } from './declared-type.ts'
import { escapeIdentifier } from './identifier-escape.ts'
import { schemaValue } from './schema-value.ts'

export interface RuleFindings {
  readonly errors: readonly FieldError[]
  /** Of rules that what the update left as it was does not keep. */
  readonly warnings: readonly string[]
  /** Below 0: rules were left out, since those before them cost too much. */
  readonly remainingBudget: number
}

/** The compiled rules of a schema and of those within it. */
interface RuleNode {
  readonly schema: JsonSchema
  readonly rules: readonly CompiledRule[]
  /** Why the rules could not be compiled at all. */
  readonly failure: string | undefined
  readonly items: RuleNode | undefined
  readonly values: RuleNode | undefined
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly allOf: readonly RuleNode[]
}

function hasRules(schema: JsonSchema): boolean {
  const { items, properties = {}, additionalProperties } = schema
  return (
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    (items !== undefined && hasRules(items)) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    Object.values(properties).some(hasRules)
  )
}

/** The rules of a schema, compiled; undefined: it has none. `root`: of a custom resource. */
export function ruleValidator(schema: JsonSchema, root: boolean): RuleValidator | undefined {
  if (!hasRules(schema)) return undefined
  const node = nodeOf(schema, schema, root, declareType(schema, root))
  return node && new RuleValidator(node)
}

const isEmbedded = (schema: JsonSchema) => schema['x-kubernetes-embedded-resource'] === true

/** `rules` is the schema itself, or a branch of one of its allOf, which adds rules but has no types. */
function nodeOf(
  rules: JsonSchema,
  schema: JsonSchema,
  root: boolean,
  declared: DeclaredType | undefined,
): RuleNode | undefined {
  let compiled: readonly CompiledRule[] = []
  let failure: string | undefined
  try {
    compiled = compileRules(rules['x-kubernetes-validations'] ?? [], schema, declared, allStored)
  } catch (error) {
    if (!(error instanceof UndeclaredSchema)) throw error
    failure = error.message
  }
  const items =
    rules.items && schema.items && nodeOf(rules.items, schema.items, isEmbedded(schema.items), declared?.element)
  const [ruleValues, values] = [rules.additionalProperties, schema.additionalProperties]
  const valueNode =
    typeof ruleValues === 'object' && typeof values === 'object'
      ? nodeOf(ruleValues, values, isEmbedded(values), declared?.element)
      : undefined
  const properties = propertyNodes(rules, schema, declared)
  const allOf = (rules.allOf ?? []).flatMap((branch) => nodeOf(branch, schema, root, declared) ?? [])
  const empty = compiled.length === 0 && failure === undefined && properties.size === 0 && allOf.length === 0
  if (empty && items === undefined && valueNode === undefined) return undefined
  const seen = root ? withObjectMembers(schema) : schema
  return { schema: seen, rules: compiled, failure, items, values: valueNode, properties, allOf }
}

function propertyNodes(
  rules: JsonSchema,
  schema: JsonSchema,
  declared: DeclaredType | undefined,
): ReadonlyMap<string, RuleNode> {
  const nodes = new Map<string, RuleNode>()
  for (const [name, ruled] of Object.entries(rules.properties ?? {})) {
    const property = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property === undefined) continue
    const escaped = escapeIdentifier(name)
    const type = escaped === undefined ? declareType(property, isEmbedded(property)) : declared?.fields?.get(escaped)
    if (type === undefined) continue
    const node = nodeOf(ruled, property, isEmbedded(property), type)
    if (node !== undefined) nodes.set(name, node)
  }
  return nodes
}

/** The longest message that a messageExpression may make (apiserver pkg/apis/cel/config.go). */
const maxMessageBytes = 5 * 1024

/** Validates values by the rules of their schema (apiextensions pkg/apiserver/schema/cel/validation.go). */
export class RuleValidator {
  readonly #root: RuleNode
  constructor(root: RuleNode) {
    this.#root = root
  }

  /**
   * Errors of rules that concern what has not changed since `old` become warnings (KEP-4008). `correlated`: the value and
   * `old`; absent: nothing is forgiven. `path`: where the value lies.
   */
  validate(value: unknown, old: unknown, budget: number, correlated?: Correlated, path?: string): RuleFindings {
    const run = new RuleRun(budget)
    run.visit(this.#root, path, value, old, { own: correlated, parent: undefined })
    return { errors: run.errors, warnings: run.warnings, remainingBudget: run.remaining }
  }
}

/** What is known of a value before the update: its own, else that of what it lies in. */
interface Before {
  readonly own: Correlated | undefined
  readonly parent: Correlated | undefined
}
const nothingBefore: Before = { own: undefined, parent: undefined }

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** One validation. `remaining` below 0 ends it. */
class RuleRun {
  readonly errors: FieldError[] = []
  readonly warnings: string[] = []
  remaining: number
  constructor(budget: number) {
    this.remaining = budget
  }

  visit(node: RuleNode, path: string | undefined, value: unknown, old: unknown, before: Before): void {
    if (value === null || value === undefined || this.remaining < 0) return
    this.#evaluate(node, path, value, old ?? undefined, before)
    for (const branch of node.allOf) this.visit(branch, path, value, old, { own: undefined, parent: before.parent })
    if (Array.isArray(value)) this.#visitItems(node, path, value, old, before)
    else if (isObject(value)) this.#visitMembers(node, path, value, old, before)
  }

  #visitItems(
    { items, schema }: RuleNode,
    path: string | undefined,
    value: readonly unknown[],
    old: unknown,
    before: Before,
  ): void {
    if (items === undefined) return
    const oldItem = itemsByKey(schema, old)
    for (const [index, item] of value.entries()) {
      const next = before.own === undefined ? before : { own: before.own.item(index), parent: before.own }
      this.visit(items, `${path ?? ''}[${index}]`, item, oldItem(item), next)
    }
  }
  #visitMembers(
    { values, properties }: RuleNode,
    path: string | undefined,
    value: Readonly<Record<string, unknown>>,
    old: unknown,
    before: Before,
  ): void {
    const oldMember = (name: string) => (isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined)
    if (values !== undefined)
      for (const name of Object.keys(value))
        this.visit(values, `${path ?? ''}[${name}]`, value[name], oldMember(name), memberBefore(before, name))
    for (const name of properties.size === 0 ? [] : Object.keys(value)) {
      const property = properties.get(name)
      if (property === undefined) continue
      const at = path === undefined ? name : `${path}.${name}`
      this.visit(property, at, value[name], oldMember(name), memberBefore(before, name))
    }
  }

  #evaluate(node: RuleNode, path: string | undefined, value: unknown, old: unknown, before: Before): void {
    const { schema, rules, failure } = node
    const fail = (detail: string) =>
      void this.errors.push(fieldErrors.invalid(path ?? '<nil>', schema.type ?? '', detail))
    const stop = (detail: string) => {
      fail(detail)
      this.remaining = -1
    }
    if (failure !== undefined) return fail(`rule compiler initialization error: ${failure}`)
    if (rules.length === 0) return
    if (this.remaining <= 0) return stop(outOfBudget)
    const activation = activationOf(schema, value, old, rules)
    for (const compiled of rules) {
      const { rule, program, error, usesOldSelf } = compiled
      if (error !== undefined) fail(`rule compile error: ${error}`)
      const optional = rule.optionalOldSelf === true
      // A rule about a change has nothing to say where there was nothing before.
      if (program === undefined || (usesOldSelf && old === undefined && !optional)) continue
      const { value: result, cost } = program.program.evaluate(activation(optional))
      if (cost > this.remaining) return stop(outOfBudget)
      this.remaining -= cost
      if (result instanceof CelError) {
        const { message } = result
        const name = ruleText(rule)
        if (isCostLimit(message))
          return stop(
            `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`,
          )
        fail(
          message.startsWith('no such overload')
            ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`
            : `${message} evaluating rule: ${name}`,
        )
      } else if (result !== true) {
        const found = this.#broken(compiled, node, path, value, activation(optional))
        if (!usesOldSelf && unchanged(before)) this.warnings.push(errorText(found))
        else this.errors.push(found)
        if (this.remaining < 0) return
      }
    }
  }

  /** The error for a rule that a value does not keep. */
  #broken(
    compiled: CompiledRule,
    { schema }: RuleNode,
    path: string | undefined,
    value: unknown,
    activation: (name: string) => Value | undefined,
  ): FieldError {
    const { rule, fieldPath } = compiled
    const at = [path, fieldPath].filter(Boolean).join('.') || '<nil>'
    const shown = schema.type === 'object' || schema.type === 'array' ? omitValue : value
    const message = this.#message(compiled, activation)
    if (typeof message === 'object') {
      this.remaining = -1
      return fieldErrors.invalid(at, schema.type ?? '', message.stop)
    }
    const text = message ?? (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`)
    switch (rule.reason) {
      case 'FieldValueForbidden':
        return fieldErrors.forbidden(at, text)
      case 'FieldValueRequired':
        return fieldErrors.required(at, text)
      case 'FieldValueDuplicate':
        return fieldErrors.duplicate(at, shown)
      default:
        return fieldErrors.invalid(at, shown, text)
    }
  }
  /** What the messageExpression says; undefined: nothing of use. */
  #message(
    { message, rule }: CompiledRule,
    activation: (name: string) => Value | undefined,
  ): string | undefined | { readonly stop: string } {
    if (message === undefined) return undefined
    const { value, cost } = message.program.evaluate(activation)
    if (cost > this.remaining)
      return {
        stop: 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      }
    if (value instanceof CelError && isCostLimit(value.message)) {
      const name = goQuote(rule.messageExpression ?? '')
      return {
        stop: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${name}`,
      }
    }
    this.remaining -= cost
    const text = typeof value === 'string' ? value.trim() : ''
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? undefined : text
  }
}

/** `self`, and `oldSelf` as the rule knows it: as it is, or as an optional. */
function activationOf(schema: JsonSchema, value: unknown, old: unknown, rules: readonly CompiledRule[]) {
  const self = schemaValue(value, schema)
  const usesOld = rules.some(({ usesOldSelf }) => usesOldSelf)
  const oldSelf = usesOld && old !== undefined ? schemaValue(old, schema) : undefined
  return (optional: boolean) =>
    (name: string): Value | undefined => {
      if (name === 'self') return self
      if (name !== 'oldSelf' || !usesOld) return undefined
      if (!optional) return oldSelf
      return oldSelf === undefined ? none : new Optional(oldSelf)
    }
}

function memberBefore(before: Before, name: string): Before {
  if (before.own === undefined) return before
  // Old and new are of the same version: a change of it cannot be seen.
  if (before.parent === undefined && (name === 'apiVersion' || name === 'kind')) return nothingBefore
  return { own: before.own.member(name), parent: before.own }
}

function unchanged({ own, parent }: Before): boolean {
  return own === undefined ? parent?.unchanged === true : own.unchanged
}

const ruleText = ({ rule, message }: SchemaRule): string => (message ? message.trim() : rule.trim())
