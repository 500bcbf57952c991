import { runtimeCostBudget } from '../../machinery/cel/libraries/kubernetes.ts'
import { type FieldError, fieldErrors, type FieldErrorType } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { Correlated } from '../../machinery/schema/values/correlated.ts'
import { type RuleValidator, ruleValidator } from '../../machinery/schema/expressions/rule-validator.ts'
import type { RuleMetrics } from './rule-metrics.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'

/** The x-kubernetes-validations of a custom kind. */
export interface SchemaRules {
  /** `errors`: what else is wrong with the object; rules are not asked about one that does not fit its schema. */
  validate(object: KubeObject, old: KubeObject | undefined, errors: readonly FieldError[]): readonly FieldError[]
  /** What `validate` forgave this object. */
  warnings(object: KubeObject): string[]
}

const blocking: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const unchecked = fieldErrors.invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

/** Rules are compiled when the first object is validated (apiextensions pkg/registry/customresource/strategy.go). */
export function schemaRules(schema: JsonSchema, metrics?: RuleMetrics): SchemaRules {
  let compiled: { readonly validator: RuleValidator | undefined } | undefined
  const forgiven = new WeakMap<KubeObject, readonly string[]>()
  return {
    validate(object, old, errors) {
      const compile = () => ruleValidator(schema, true)
      compiled ??= { validator: metrics === undefined ? compile() : metrics.compile(compile) }
      const { validator } = compiled
      if (validator === undefined) return []
      if (errors.some(({ type }) => blocking.has(type))) return [unchecked]
      const correlated = old && new Correlated(object, old, schema)
      const evaluate = () => validator.validate(object, old, runtimeCostBudget, correlated)
      const findings = metrics === undefined ? evaluate() : metrics.evaluate(evaluate)
      if (findings.warnings.length > 0) forgiven.set(object, findings.warnings)
      return findings.errors
    },
    warnings: (object) => [...(forgiven.get(object) ?? [])],
  }
}
