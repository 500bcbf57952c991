import { fieldErrors, type FieldError } from '../field-error.ts'
import { validateLabelName } from './label-selector.ts'
import { byteLength } from './message-text.ts'
import { conditionReason } from './value-formats.ts'

/** metav1.Condition (apimachinery pkg/apis/meta/v1/validation ValidateConditions). */
export interface Condition {
  readonly type?: string
  readonly status?: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string | null
  readonly reason?: string
  readonly message?: string
}

export function validateConditions(conditions: readonly Condition[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, condition] of (conditions ?? []).entries()) {
    const type = condition.type ?? ''
    if (seen.has(type)) errors.push(fieldErrors.duplicate(`${field}[${index}]`, type))
    seen.add(type)
    errors.push(...validateCondition(condition, `${field}[${index}]`))
  }
  return errors
}

export function validateCondition(condition: Condition, field: string): FieldError[] {
  const { type = '', status = '', observedGeneration = 0, reason = '', message = '' } = condition
  const errors: FieldError[] = []
  if (type === '') errors.push(fieldErrors.required(`${field}.type`, 'is required'))
  else errors.push(...validateLabelName(type, `${field}.type`))
  if (status === '') errors.push(fieldErrors.required(`${field}.status`))
  else if (!['True', 'False', 'Unknown'].includes(status)) {
    errors.push(fieldErrors.notSupported(`${field}.status`, status, ['False', 'True', 'Unknown']))
  }
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero'
    errors.push(fieldErrors.invalid(`${field}.observedGeneration`, observedGeneration, detail))
  }
  if (!condition.lastTransitionTime) errors.push(fieldErrors.required(`${field}.lastTransitionTime`))
  if (reason === '') errors.push(fieldErrors.required(`${field}.reason`))
  else {
    for (const text of conditionReason(reason)) errors.push(fieldErrors.invalid(`${field}.reason`, reason, text))
    if (byteLength(reason) > 1024) errors.push(fieldErrors.tooLong(`${field}.reason`, '', 1024))
  }
  if (byteLength(message) > 32 * 1024) errors.push(fieldErrors.tooLong(`${field}.message`, '', 32 * 1024))
  return errors
}
