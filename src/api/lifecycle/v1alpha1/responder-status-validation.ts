import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { internalForm } from '../../internal-form.ts'
import type { ResponderStatus, TargetResponder } from '../../types.generated.ts'
import { hasDuplicates, maxResponders, skewMs } from './responders.ts'

const tenYearsMs = 10 * 365 * 24 * 60 * 60 * 1000

/** pkg/apis/lifecycle/validation ValidateEvictionStatusResponders: only the one at work changes its own. */
export function validateResponderStatuses(
  given: readonly ResponderStatus[] | undefined,
  old: readonly ResponderStatus[],
  targets: readonly TargetResponder[],
  now: number,
): FieldError[] {
  const field = 'status.responders'
  const statuses = given ?? []
  const fault = (detail: string) => [fieldErrors.invalid(field, given?.map(shown) ?? null, detail)]
  if (targets.length !== statuses.length)
    return fault('must be the same length as status.targetResponders and contain the same keys')
  const names = new Set(statuses.map(({ name }) => name))
  if (!targets.every(({ name }) => names.has(name)))
    return fault('must contain the same keys as status.targetResponders')
  // Of these the declared rules speak.
  if (statuses.length > maxResponders || hasDuplicates(statuses)) return []
  return statuses.flatMap((status, index) => {
    const isActive = targets.find(({ name }) => name === status.name)?.state === 'Active'
    const before = old.find(({ name }) => name === status.name)
    return validateOne(status, before, `${field}[${index}]`, isActive, now)
  })
}

const shown = (status: ResponderStatus) => internalForm('io.k8s.api.lifecycle.v1alpha1.ResponderStatus', status)

type TimeMember = 'startTime' | 'heartbeatTime' | 'expectedCompletionTime' | 'completionTime'

function validateOne(
  status: ResponderStatus,
  old: ResponderStatus | undefined,
  at: string,
  isActive: boolean,
  now: number,
): FieldError[] {
  if (old !== undefined && !isActive && !jsonEqual(status, old))
    return [fieldErrors.invalid(at, shown(status), fieldImmutableMessage)]
  const read = (text: string | undefined) => (text ? Date.parse(text) : undefined)
  const time = (member: TimeMember) => read(status[member])
  const before = (member: TimeMember) => read(old?.[member])
  const changed = (member: TimeMember) => time(member) !== before(member)
  const isNear = (member: TimeMember) => Math.abs(time(member)! - now) < skewMs
  const fault = (member: TimeMember, detail: string) => [fieldErrors.invalid(`${at}.${member}`, status[member], detail)]
  const start = time('startTime')
  const afterStart = (member: TimeMember): FieldError[] => {
    if (start === undefined) return fault(member, `cannot be set before ${at}.startTime is set`)
    return time(member)! < start ? fault(member, `must occur after ${at}.startTime`) : []
  }

  const ofStart = (): FieldError[] => {
    if (before('startTime') !== undefined) return []
    if (start === undefined)
      return isActive ? [fieldErrors.required(`${at}.startTime`, 'is required for an active responder')] : []
    return isNear('startTime') ? [] : fault('startTime', 'must be set to the present time')
  }
  const ofHeartbeat = (): FieldError[] => {
    const [beat, last] = [time('heartbeatTime'), before('heartbeatTime')]
    if (beat === undefined)
      return last === undefined ? [] : [fieldErrors.required(`${at}.heartbeatTime`, 'is required once set')]
    if (!changed('heartbeatTime')) return []
    if (start !== undefined && last !== undefined && beat < last) return fault('heartbeatTime', 'cannot be decreased')
    const errors = afterStart('heartbeatTime')
    if (errors.length > 0) return errors
    return isNear('heartbeatTime') ? [] : fault('heartbeatTime', 'must be set to the present time')
  }
  const ofExpectation = (): FieldError[] => {
    const expected = time('expectedCompletionTime')
    if (expected === undefined || !changed('expectedCompletionTime')) return []
    const errors = afterStart('expectedCompletionTime')
    if (errors.length > 0) return errors
    if (expected < now - skewMs) return fault('expectedCompletionTime', 'cannot be set to the past time')
    return expected > now + tenYearsMs ? fault('expectedCompletionTime', 'must complete within 10 years') : []
  }
  const ofCompletion = (): FieldError[] => {
    const isSet = before('completionTime') !== undefined
    if (time('completionTime') === undefined || (isSet && changed('completionTime'))) return []
    const errors = afterStart('completionTime')
    if (errors.length > 0 || !changed('completionTime')) return errors
    return isNear('completionTime') ? [] : fault('completionTime', 'must be set to the present time')
  }
  return [...ofStart(), ...ofHeartbeat(), ...ofExpectation(), ...ofCompletion()]
}
