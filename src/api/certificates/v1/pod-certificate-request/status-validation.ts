import { fieldErrors, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { validateConditions, type Condition } from '../../../../machinery/validation/conditions.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { PodCertificateRequest } from '../../../types.generated.ts'
import { validateIssuance } from './issuance.ts'

const outcomes: readonly string[] = ['Issued', 'Denied', 'Failed']

/** pkg/apis/certificates/validation ValidatePodCertificateRequestStatusUpdate: a request is settled once. */
export function validatePodCertificateRequestStatus(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
  now: number,
): FieldError[] {
  const errors = validateOutcomes(conditionsOf(request), 'status.conditions')
  if (errors.length > 0) return errors
  const { status = {} } = request
  if (outcomeOf(old) !== undefined) {
    return mustEqual(status, old.status, 'immutable after PodCertificateRequest is issued, denied, or failed')
  }
  switch (outcomeOf(request)) {
    case 'Issued':
      return validateIssuance(request, now)
    case undefined:
      return mustEqual(
        status,
        old.status,
        'status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
      )
    default: {
      const detail = 'non-condition status fields must be empty when denying or failing the PodCertificateRequest'
      return mustEqual(status, { conditions: status.conditions }, detail)
    }
  }
}

function conditionsOf({ status }: PodCertificateRequest): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[]
}

function outcomeOf(request: PodCertificateRequest): string | undefined {
  return conditionsOf(request).find(({ type = '', status }) => outcomes.includes(type) && status === 'True')?.type
}

function mustEqual(status: unknown, expected: unknown, detail: string): FieldError[] {
  return jsonEqual(status ?? {}, expected ?? {}) ? [] : [fieldErrors.invalid('status', omitValue, detail)]
}

function validateOutcomes(conditions: readonly Condition[], field: string): FieldError[] {
  const errors: FieldError[] = []
  let known = 0
  for (const [index, { type = '', status }] of conditions.entries()) {
    // Upstream makes the index a member of its own.
    const at = `${field}.[${index}]`
    if (!outcomes.includes(type)) {
      errors.push(fieldErrors.notSupported(`${at}.type`, type, outcomes))
      continue
    }
    known++
    if (known > 1) {
      const detail = 'There may be at most one condition with type "Issued", "Denied", or "Failed"'
      errors.push(fieldErrors.invalid(`${at}.type`, type, detail))
    }
    errors.push(...checkOneOf(status, `${at}.status`, ['True']))
  }
  return [...errors, ...validateConditions(conditions, field)]
}
