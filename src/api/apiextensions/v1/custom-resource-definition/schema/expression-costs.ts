import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import type { Schema } from './schema.ts'

/** What the rules of a definition may cost, as they are estimated when it is written (validation.go, cel_validation.go). */
export const ruleCostLimit = 10_000_000n
export const totalCostLimit = 100_000_000n

const greatest = 2n ** 64n - 1n
export const cappedProduct = (a: bigint, b: bigint): bigint => (a * b > greatest ? greatest : a * b)

/** By how much `costName` exceeds the limit, with advice. */
export function costMessage(costName: string, cost: bigint, limit: bigint): string {
  const factor = Number(cost) / Number(limit)
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  return `${costName} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}

/** The costs of all rules of one schema. */
export class TotalCost {
  #total = 0n
  #mostExpensive: { readonly field: string; readonly cost: bigint }[] = []

  observe(field: string, cost: bigint): void {
    this.#total = this.#total + cost > greatest ? greatest : this.#total + cost
    if (cost < totalCostLimit / 100n) return
    this.#mostExpensive = [...this.#mostExpensive, { field, cost }]
      .toSorted((a, b) => (a.cost < b.cost ? 1 : a.cost > b.cost ? -1 : 0))
      .slice(0, 4)
  }
  errors(field: string): FieldError[] {
    if (this.#total <= totalCostLimit) return []
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [
      ...this.#mostExpensive.map((rule) => fieldErrors.forbidden(rule.field, contributed)),
      fieldErrors.forbidden(field, costMessage(name, this.#total, totalCostLimit)),
    ]
  }
}

/** How many values there can be in one of this schema; undefined: there is no bound. */
export function maxElements({ type, additionalProperties, maxProperties, maxItems }: Schema): bigint | undefined {
  const atLeastNone = (count: number | undefined) => (count === undefined ? undefined : BigInt(Math.max(0, count)))
  if (type === 'object') return additionalProperties === undefined ? 1n : atLeastNone(maxProperties)
  return type === 'array' ? atLeastNone(maxItems) : 1n
}
