import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { internalForm } from '../../internal-form.ts'
import type { ResponderStatus, TargetResponder } from '../../types.generated.ts'
import { hasDuplicates, inTurn, maxResponders, skewMs } from './responders.ts'

const field = 'status.targetResponders'
const heartbeatDeadlineMs = 20 * 60 * 1000
const ends = ['Canceled', 'Completed', 'Interrupted'] as const
const reservedPriorities = 1000
/** Kubernetes' own responders have theirs. */
const ownPriorities: Readonly<Record<string, number>> = { 'imperative-eviction.k8s.io/evictor': 100 }

const shown = (target: TargetResponder) => internalForm('io.k8s.api.lifecycle.v1alpha1.TargetResponder', target)

export interface ResponderContext {
  /** Whether the eviction succeeded or failed for good. */
  readonly isFinal: boolean
  readonly responders: readonly ResponderStatus[]
  readonly now: number
}

/** pkg/apis/lifecycle/validation ValidateEvictionTargetResponders: one after the other, and never back. */
export function validateTargetResponders(
  targets: readonly TargetResponder[],
  old: readonly TargetResponder[],
  context: ResponderContext,
): FieldError[] {
  const fault = (detail: string) => [
    fieldErrors.invalid(field, targets.length === 0 ? null : targets.map(shown), detail),
  ]
  if (old.length > 0) {
    if (targets.length !== old.length) return fault('must preserve the same length and the same keys')
    const names = new Set(targets.map(({ name }) => name))
    if (!old.every(({ name }) => names.has(name))) return fault('must preserve the same keys')
  }
  // Of these the declared rules speak.
  if (targets.length > maxResponders || hasDuplicates(targets)) return []
  const expected = expectedStates(inTurn(targets), inTurn(old), context.isFinal)
  return inTurn(targets).flatMap((target, turn) =>
    validateOne(target, `${field}[${targets.indexOf(target)}]`, expected(turn), context),
  )
}

interface Expectation {
  readonly states: readonly string[]
  readonly because: string
}

function expectedStates(
  targets: readonly TargetResponder[],
  old: readonly TargetResponder[],
  isFinal: boolean,
): (turn: number) => Expectation {
  const active = old.findIndex(({ state }) => state === 'Active')
  const hasChanged = active >= 0 && targets[active]?.state !== 'Active'
  const last = old.at(-1)?.state
  const allProcessed = isFinal || (ends as readonly (string | undefined)[]).includes(last)
  const finished = 'the eviction request has finished processing'
  return (turn) => {
    if (turn < active || (old.length > 0 && active < 0 && allProcessed))
      return { states: [old[turn]!.state], because: 'final state is immutable' }
    if (turn === active && hasChanged) return { states: ends, because: 'this responder must reach a final state' }
    if (turn === active) {
      return isFinal
        ? { states: ends, because: finished }
        : { states: ['Active'], because: 'the eviction request stays active' }
    }
    if ((turn === 0 && old.length === 0) || (turn === active + 1 && hasChanged)) {
      return isFinal
        ? { states: ['Inactive'], because: finished }
        : { states: ['Active'], because: 'this responder is next in line' }
    }
    return { states: ['Inactive'], because: 'the previously active has not finished processing' }
  }
}

function validateOne(
  target: TargetResponder,
  at: string,
  { states, because }: Expectation,
  { isFinal, responders, now }: ResponderContext,
): FieldError[] {
  const { name, priority, state } = target
  const status = responders.find((each) => each.name === name)
  if (status === undefined)
    return [
      fieldErrors.invalid(at, shown(target), `${JSON.stringify(name)} has to be tracked in status.responders first`),
    ]
  const errors = checkPriority(name, priority, `${at}.priority`)
  if (!states.includes(state)) {
    const detail = `must be one of: ${[...states].sort().join(', ')}, because ${because}`
    return [...errors, fieldErrors.invalid(`${at}.state`, state, detail)]
  }
  const { startTime, heartbeatTime, completionTime } = status
  if (state !== 'Active' && startTime && !completionTime && !isFinal) {
    const beat = Date.parse(heartbeatTime ?? startTime)
    if (now < beat + heartbeatDeadlineMs - skewMs) {
      const detail =
        'must stay Active because the responder is in progress and it should report status.responders.heartbeatTime or status.responders.completionTime'
      errors.push(fieldErrors.forbidden(`${at}.state`, detail))
    }
  }
  if (state === 'Completed' && !completionTime) {
    const detail = "cannot become Completed because the responder didn't report status.responders.completionTime"
    errors.push(fieldErrors.invalid(`${at}.state`, state, detail))
  }
  return errors
}

function checkPriority(name: string, priority: number | null | undefined, at: string): FieldError[] {
  if (priority === undefined || priority === null || priority < 0) return []
  const own = Object.hasOwn(ownPriorities, name) ? ownPriorities[name] : undefined
  if (own !== undefined) {
    if (priority === own) return []
    return [fieldErrors.invalid(at, priority, `core k8s responder is expected to have priority: ${own}`)]
  }
  if (priority >= reservedPriorities) return []
  return [fieldErrors.invalid(at, priority, 'priorities 0-999 are reserved for responders with *.k8s.io suffix')]
}
