import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import type { RuleContext } from '../../definition.ts'
import type { Condition, LifecycleV1alpha1Eviction as Eviction } from '../../types.generated.ts'
import { validateResponderStatuses } from './responder-status-validation.ts'
import { validateTargetResponders } from './target-responder-validation.ts'

const finalTypes = ['TargetEvicted', 'Failed'] as const

/** pkg/apis/lifecycle/validation ValidateEvictionStatus: several parties write it, each what it may. */
export function validateEvictionStatus({ status }: Eviction, old: Eviction, { now }: RuleContext): FieldError[] {
  const conditions = status?.conditions ?? []
  const targetResponders = status?.targetResponders ?? []
  const responders = status?.responders ?? []
  const errors = validateConditions(conditions, 'status.conditions')
  const isTrue = (type: string) => conditions.find((each) => each.type === type)?.status === 'True'
  const final = new Set<string>(finalTypes.filter(isTrue))
  for (const before of old.status?.conditions ?? []) {
    if (!(finalTypes as readonly string[]).includes(before.type) || !isReverted(before, conditions)) continue
    const detail = `${before.type} condition status cannot be reverted`
    errors.push(fieldErrors.invalid('status.conditions', conditions, detail))
    // What follows is judged by what it should be.
    final.add(before.type)
  }
  return [
    ...errors,
    ...validateTargetResponders(targetResponders, old.status?.targetResponders ?? [], {
      isFinal: final.size > 0,
      responders,
      now,
    }),
    ...validateResponderStatuses(status?.responders, old.status?.responders ?? [], targetResponders, now),
  ]
}

function isReverted(before: Condition, conditions: readonly Condition[]): boolean {
  if (before.status !== 'True') return false
  const after = conditions.find(({ type }) => type === before.type)
  return after === undefined || after.status === 'False' || after.reason !== before.reason
}
