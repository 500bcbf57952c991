import { runtimeCostBudget } from '../../../../../machinery/cel/libraries/kubernetes.ts'
import { errorText, fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { aggregate } from '../../../../../machinery/errors.ts'
import { jsonClone, jsonEqual } from '../../../../../machinery/json.ts'
import { ruleValidator } from '../../../../../machinery/schema/expressions/rule-validator.ts'
import { checkEmbeddedObjects } from '../../../../../machinery/schema/structural/embedded-objects.ts'
import { pruneValue } from '../../../../../machinery/schema/structural/prune.ts'
import type { JsonSchema } from '../../../../../machinery/schema/values/json-schema.ts'
import { validateValue } from '../../../../../machinery/schema/values/validate-value.ts'

/** What lies around a default: it makes an object of it. */
type Surround = (value: unknown) => Record<string, unknown>

const typeMeta = { apiVersion: 'validation/v1', kind: 'Validation' }
const asObject: Surround = (value) => ({ ...typeMeta, ...(value as object) })
const metaFields: ReadonlySet<string> = new Set(['metadata', 'apiVersion', 'kind'])

/** Whether defaults are valid values of their schemas (apiextensions pkg/apiserver/schema/defaulting/validation.go). */
export function validateDefaults(schema: JsonSchema, field: string, pruned: boolean): FieldError[] {
  const run = new DefaultValidation(pruned)
  run.visit({ ...schema, 'x-kubernetes-embedded-resource': true }, field, undefined, asObject, false)
  return run.errors
}

/** Whether a schema has defaults with members that it does not name. */
export function hasUnprunedDefaults(schema: JsonSchema): boolean {
  const { default: value, items, properties = {} } = schema
  if (value !== undefined && value !== null && pruneValue(jsonClone(value), schema).length > 0) return true
  return (items !== undefined && hasUnprunedDefaults(items)) || Object.values(properties).some(hasUnprunedDefaults)
}

class DefaultValidation {
  readonly errors: FieldError[] = []
  readonly #pruned: boolean
  /** What rules may still cost; below 0 it ends. */
  #budget = runtimeCostBudget
  constructor(pruned: boolean) {
    this.#pruned = pruned
  }

  visit(
    schema: JsonSchema,
    field: string,
    resource: JsonSchema | undefined,
    surround: Surround,
    insideMetadata: boolean,
  ): void {
    const isResource = schema['x-kubernetes-embedded-resource'] === true
    const root = isResource ? schema : resource!
    const around = isResource ? asObject : surround
    const inside = isResource ? false : insideMetadata
    const { default: value, items, properties = {} } = schema
    if (value !== undefined && value !== null) this.#check(value, schema, `${field}.default`, root, around, inside)
    if (this.#budget < 0) return
    if (items !== undefined) this.visit(items, `${field}.items`, root, (item) => around([item]), inside)
    for (const [name, property] of Object.entries(properties)) {
      if (this.#budget < 0) return
      const isMeta = isResource && metaFields.has(name)
      const at = `${field}.properties[${name}]`
      this.visit(property, at, root, (member) => around({ [name]: member }), inside || isMeta)
    }
  }

  #check(
    value: unknown,
    schema: JsonSchema,
    field: string,
    root: JsonSchema,
    surround: Surround,
    insideMetadata: boolean,
  ): void {
    if (insideMetadata) {
      const faults = checkEmbeddedObjects(surround(value), root)
      if (faults.length > 0) {
        const detail = `must result in valid metadata: ${aggregate(faults.map(errorText))}`
        return void this.errors.push(fieldErrors.invalid(field, value, detail))
      }
    } else {
      const copy = jsonClone(value)
      pruneValue(copy, schema)
      if (this.#pruned && !jsonEqual(copy, value))
        this.errors.push(fieldErrors.invalid(field, value, 'must not have unknown fields'))
      const faults = checkEmbeddedObjects(value, schema, field)
      if (faults.length > 0) return void this.errors.push(...faults)
    }
    const faults = validateValue(schema, value, field)
    this.errors.push(...faults)
    if (faults.length === 0) this.#checkRules(value, schema, field, schema === root)
  }

  /** A default must do for a new value and for one that stays. */
  #checkRules(value: unknown, schema: JsonSchema, field: string, isResource: boolean): void {
    const validator = ruleValidator(schema, isResource)
    if (validator === undefined) return
    const budget = this.#budget
    for (const old of [value, undefined]) {
      const { errors, remainingBudget } = validator.validate(value, old, budget, undefined, field)
      this.errors.push(...errors)
      this.#budget = Math.min(this.#budget, remainingBudget)
      if (errors.length > 0) return
    }
  }
}
