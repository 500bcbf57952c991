import { type DeclaredType, declareType } from '../../../../../machinery/schema/expressions/declared-type.ts'
import type { JsonSchema } from '../../../../../machinery/schema/values/json-schema.ts'
import { cappedProduct, maxElements, TotalCost } from './expression-costs.ts'
import type { Schema } from './schema.ts'

/** Where in a schema its rules are checked, from the root down (cel_validation.go CELSchemaContext). */
export interface RuleContext {
  readonly schema: Schema
  readonly root: boolean
  /** How many values of the schema one object can hold; undefined: its schemas do not bound it. */
  readonly cardinality: bigint | undefined
  readonly total: TotalCost
}

export function rootContext(schema: Schema): RuleContext {
  return { schema, root: true, cardinality: 1n, total: new TotalCost() }
}

/** Without a context rules are not checked: the schema is not valid, or restricts only. */
export function childContext(parent: RuleContext | undefined, schema: Schema | undefined): RuleContext | undefined {
  if (parent === undefined || schema === undefined) return undefined
  const most = maxElements(parent.schema)
  const { cardinality: above, total } = parent
  const cardinality = above === undefined || most === undefined ? undefined : cappedProduct(above, most)
  return { schema, root: false, cardinality, total }
}

/** undefined: rules cannot see the values. */
export function declaredTypeOf({ schema, root }: RuleContext): DeclaredType | undefined {
  return declareType(schema as JsonSchema, root || schema['x-kubernetes-embedded-resource'] === true)
}
