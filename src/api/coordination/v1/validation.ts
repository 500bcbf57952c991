import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkField } from '../../field-checks.ts'
import type { Lease } from '../../types.generated.ts'

const strategies: readonly string[] = ['OldestEmulationVersion']

/** pkg/apis/coordination/validation ValidateLease. */
export function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, strategy, preferredHolder } = spec ?? {}
  const errors: FieldError[] = []
  if (seconds !== undefined && seconds <= 0) {
    errors.push(fieldErrors.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(fieldErrors.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  if (strategy !== undefined) errors.push(...validateStrategy(strategy))
  if (preferredHolder && !strategy) {
    errors.push(fieldErrors.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  }
  return errors
}

export function validateStrategy(strategy: string): FieldError[] {
  const field = 'spec.strategy.strategy'
  if (strategy.includes('/')) return checkField(strategy, field, qualifiedName)
  return strategies.includes(strategy) ? [] : [fieldErrors.notSupported(field, strategy, strategies)]
}
