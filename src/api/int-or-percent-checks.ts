import { fieldErrors, type FieldError } from '../machinery/field-error.ts'
import { percent } from '../machinery/validation/value-formats.ts'
import { checkField } from './field-checks.ts'

/** Fields that hold a number or a percentage (pkg/apis/apps/validation). */
type IntOrPercent = number | string

export function checkPositiveIntOrPercent(value: IntOrPercent, field: string): FieldError[] {
  if (typeof value === 'string') return checkField(value, field, percent)
  return value < 0 ? [fieldErrors.invalid(field, value, 'must be greater than or equal to 0')] : []
}

function percentOf(value: IntOrPercent): number | undefined {
  return typeof value === 'string' && percent(value).length === 0 ? Number(value.slice(0, -1)) : undefined
}

/** The number, or the percentage's. Text that is neither counts as Go reads it: its number, or zero. */
export function numberOf(value: IntOrPercent): number {
  if (typeof value === 'number') return value
  return percentOf(value) ?? (/^[+-]?[0-9]+$/.test(value) ? Number(value) : 0)
}

export function checkAtMostAll(value: IntOrPercent, field: string): FieldError[] {
  if ((percentOf(value) ?? 0) <= 100) return []
  return [fieldErrors.invalid(field, value, 'must not be greater than 100%')]
}
