import { fieldErrors, type FieldError } from '../machinery/field-error.ts'
import { validateNonnegative } from '../machinery/validation/object-meta.ts'

/** Numbers that controllers report (pkg/apis/apps/validation, pkg/apis/core/validation). */
type Counts = Readonly<Record<string, unknown>>

const numberAt = (status: Counts | undefined, member: string): number => (status?.[member] as number | undefined) ?? 0

/** None is negative. */
export function checkCounts(status: object | undefined, members: readonly string[], field = 'status'): FieldError[] {
  return members.flatMap((member) => validateNonnegative(numberAt(status as Counts, member), `${field}.${member}`))
}

/** None exceeds `replicas`, and what is available is ready. `readyText`: what upstream calls the latter. */
export function checkParts(
  status: object | undefined,
  members: readonly string[],
  readyText: string,
  field = 'status',
): FieldError[] {
  const counts = status as Counts | undefined
  const errors = members
    .filter((member) => numberAt(counts, member) > numberAt(counts, 'replicas'))
    .map((member) =>
      fieldErrors.invalid(`${field}.${member}`, numberAt(counts, member), 'cannot be greater than status.replicas'),
    )
  const available = numberAt(counts, 'availableReplicas')
  if (available > numberAt(counts, 'readyReplicas')) {
    errors.push(fieldErrors.invalid(`${field}.availableReplicas`, available, `cannot be greater than ${readyText}`))
  }
  return errors
}

/** A collision count never goes back. */
export function checkCollisionCount(count: number | undefined, old: number | undefined): FieldError[] {
  if (old === undefined || (count !== undefined && count >= old)) return []
  return [fieldErrors.invalid('status.collisionCount', count ?? 0, 'cannot be decremented')]
}
