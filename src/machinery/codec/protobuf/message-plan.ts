import { lastName, planOf, type FieldPlan, type StructPlan } from '../../schema/plan.ts'
import type { Schema } from '../../schema/schema.ts'

/** How a struct lies on the wire: its numbered members, and the embedded structs that are messages of their own there. */
export interface MessagePlan {
  /** Go's name of it, for errors. */
  readonly name: string
  /** By falling number, the order in which a backward writer takes them. */
  readonly parts: readonly Part[]
  readonly byNumber: ReadonlyMap<number, Part>
}

export type Part =
  | { readonly number: number; readonly embedded: MessagePlan }
  /** `slot`: the place of the field in the whole struct's plan. */
  | { readonly number: number; readonly embedded?: undefined; readonly field: FieldPlan; readonly slot: number }

const plans = new WeakMap<StructPlan, MessagePlan>()

export function messagePlanOf(struct: StructPlan): MessagePlan {
  const known = plans.get(struct)
  if (known) return known
  const slots = new Map(struct.fields.map(({ name }, slot) => [name, slot]))
  const plan = layOut(struct, struct.schema, slots)
  plans.set(struct, plan)
  return plan
}

function layOut(whole: StructPlan, schema: Schema, slots: ReadonlyMap<string, number>): MessagePlan {
  const parts: Part[] = []
  for (const { number, schema: inner } of schema.embedded ?? []) {
    if (number !== undefined) parts.push({ number, embedded: layOut(whole, inner, slots) })
  }
  for (const field of (planOf(schema) as StructPlan).fields) {
    const { number } = field.field
    if (number === undefined) continue
    const slot = slots.get(field.name)!
    parts.push({ number, field: whole.fields[slot]!, slot })
  }
  parts.sort((a, b) => b.number - a.number)
  return { name: lastName(schema), parts, byNumber: new Map(parts.map((part) => [part.number, part])) }
}
