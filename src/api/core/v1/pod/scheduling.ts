import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { checkField, checkRequiredOneOf } from '../../../field-checks.ts'
import type { PodReadinessGate, PodSchedulingGate } from '../../../types.generated.ts'

/** What holds a pod back, and what it may push aside (pkg/apis/core/validation). */
export function validateReadinessGates(gates: readonly PodReadinessGate[] = [], field: string): FieldError[] {
  return gates.flatMap(({ conditionType }, index) =>
    checkField(conditionType, `${field}[${index}].conditionType`, qualifiedName),
  )
}

export function validateSchedulingGates(gates: readonly PodSchedulingGate[] = [], field: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { name }] of gates.entries()) {
    errors.push(...checkField(name, `${field}[${index}]`, qualifiedName))
    if (seen.has(name)) errors.push(fieldErrors.duplicate(`${field}[${index}]`, name))
    seen.add(name)
  }
  return errors
}

const preemptionPolicies: readonly string[] = ['PreemptLowerPriority', 'Never']
export function validatePreemptionPolicy(policy: string, field: string): FieldError[] {
  return checkRequiredOneOf(policy, field, preemptionPolicies)
}
