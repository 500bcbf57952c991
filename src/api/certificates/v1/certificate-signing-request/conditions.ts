import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonDiff } from '../../../../machinery/json-diff.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { checkRequiredOneOf } from '../../../field-checks.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../../types.generated.ts'

/** What was decided of a request (pkg/apis/certificates/validation validateConditions). */
const field = 'status.conditions'
const decisions = ['Approved', 'Denied'] as const
const final = [...decisions, 'Failed'] as const
const onlyTrue: readonly string[] = ['True']
const anyStatus: readonly string[] = ['False', 'True', 'Unknown']

export function conditionsOf(
  request: CertificateSigningRequest | undefined,
): readonly CertificateSigningRequestCondition[] {
  return request?.status?.conditions ?? []
}

export function validateConditions(request: CertificateSigningRequest, old?: CertificateSigningRequest): FieldError[] {
  const allowEmptyType = conditionsOf(old).some(({ type }) => !type)
  const allowDuplicates = hasDuplicates(conditionsOf(old))
  const types = new Set<string>()
  return conditionsOf(request).flatMap(({ type = '', status }, index) => {
    const errors: FieldError[] = []
    if (type === '' && !allowEmptyType) errors.push(fieldErrors.required(`${field}[${index}].type`))
    const allowed = (final as readonly string[]).includes(type) ? onlyTrue : anyStatus
    errors.push(...checkRequiredOneOf(status, `${field}[${index}].status`, allowed))
    if (types.has(type) && !allowDuplicates) errors.push(fieldErrors.duplicate(`${field}[${index}].type`, type))
    types.add(type)
    return errors
  })
}

function hasDuplicates(conditions: readonly CertificateSigningRequestCondition[]): boolean {
  return new Set(conditions.map(({ type }) => type)).size < conditions.length
}

function ofType(request: CertificateSigningRequest | undefined, type: string): CertificateSigningRequestCondition[] {
  return conditionsOf(request).filter((condition) => condition.type === type)
}

/** A request is not both approved and denied. Declared with the type, and therefore said last. */
export function validateDecision(request: CertificateSigningRequest, old?: CertificateSigningRequest): FieldError[] {
  const isBoth = (one: CertificateSigningRequest | undefined) => decisions.every((type) => ofType(one, type).length > 0)
  if (!isBoth(request) || isBoth(old)) return []
  const members = decisions.map((type) => `conditions[{"type": "${type}"}]`)
  const detail = `must specify at most one of: ${members.map((member) => `\`${member}\``).join(', ')}`
  return [fieldErrors.invalid(field, `{${members.join(', ')}}`, detail)]
}

/** `mayDecide`: through `approval`. */
export function validateConditionChange(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  mayDecide: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(fieldErrors.forbidden(field, detail))
  for (const type of final) {
    if (ofType(request, type).length >= ofType(old, type).length) continue
    refuse(`updates may not remove a condition of type ${goQuote(type)}`)
  }
  if (mayDecide) return errors
  for (const type of decisions) {
    const [now, before] = [ofType(request, type), ofType(old, type)]
    if (now.length > before.length) refuse(`updates may not add a condition of type ${goQuote(type)}`)
    else if (now.length === before.length && !jsonEqual(now, before)) {
      refuse(`updates may not modify a condition of type ${goQuote(type)}\n${jsonDiff(before, now)}`)
    }
  }
  return errors
}
