import { planOf, type Plan, type StructPlan } from './plan.ts'
import type { Schema } from './schema.ts'

type Members = Record<string, unknown>
type Visit = (value: unknown) => void

const visits = new WeakMap<Plan, Visit | undefined>()

/**
 * Makes of an object in normal form what it is once it went through protobuf, as upstream's stored objects do: an empty
 * list or map cannot be told from none there, so that members that Go always writes become null. Changes it in place.
 */
export function nullEmptied(schema: Schema, object: unknown): void {
  visitOf(planOf(schema))?.(object)
}

function visitOf(plan: Plan): Visit | undefined {
  if (visits.has(plan)) return visits.get(plan)
  // A type that holds itself meets this while its own visit is being made.
  const own: { visit?: Visit } = {}
  visits.set(plan, (value) => own.visit?.(value))
  own.visit = visitFor(plan)
  visits.set(plan, own.visit)
  return own.visit
}

function visitFor(plan: Plan): Visit | undefined {
  if (plan.kind === 'list') {
    const item = visitOf(plan.items)
    return item && ((value) => (value as unknown[]).forEach((each) => isThere(each) && item(each)))
  }
  if (plan.kind === 'map') {
    const member = visitOf(plan.values)
    return member && ((value) => Object.values(value as object).forEach((each) => isThere(each) && member(each)))
  }
  return plan.kind === 'struct' ? visitStruct(plan) : undefined
}

function visitStruct({ fields }: StructPlan): Visit | undefined {
  const emptied = fields.filter(({ always, pointer, plan }) => always && !pointer && isCollection(plan))
  const inner = fields.flatMap(({ name, plan }) => {
    const visit = visitOf(plan)
    return visit === undefined ? [] : [[name, visit] as const]
  })
  if (emptied.length === 0 && inner.length === 0) return undefined
  return (value) => {
    const members = value as Members
    for (const { name } of emptied) if (isEmpty(members[name])) members[name] = null
    for (const [name, visit] of inner) if (isThere(members[name])) visit(members[name])
  }
}

function isCollection(plan: Plan): boolean {
  return plan.kind === 'list' || plan.kind === 'map'
}

function isThere(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isThere(value) && Object.keys(value as object).length === 0
}
