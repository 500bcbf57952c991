import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions, type Condition } from '../../../machinery/validation/conditions.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { validateNonnegative } from '../../../machinery/validation/object-meta.ts'
import { checkAtMostAll, checkPositiveIntOrPercent } from '../../int-or-percent-checks.ts'
import type { PodDisruptionBudget } from '../../types.generated.ts'

/** pkg/apis/policy/validation ValidatePodDisruptionBudget. */
const policies: readonly string[] = ['AlwaysAllow', 'IfHealthyBudget']

export function validateBudget({ spec = {} }: PodDisruptionBudget, old?: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const internal = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    }
    errors.push(fieldErrors.invalid('spec', internal, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const member of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[member]
    if (value === undefined) continue
    errors.push(...checkPositiveIntOrPercent(value, `spec.${member}`), ...checkAtMostAll(value, `spec.${member}`))
  }
  const allowInvalidLabelValue = validateLabelSelector(old?.spec?.selector, '').length > 0
  errors.push(...validateLabelSelector(selector, 'spec.selector', { allowInvalidLabelValue }))
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(fieldErrors.notSupported('spec.unhealthyPodEvictionPolicy', policy, policies))
  }
  return errors
}

export function validateBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  return [
    ...validateConditions(status?.conditions as readonly Condition[] | undefined, 'status.conditions'),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((member) =>
      validateNonnegative(status?.[member], `status.${member}`),
    ),
  ]
}
