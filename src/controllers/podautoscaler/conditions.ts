import type { HorizontalPodAutoscalerCondition } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'

type Conditions = readonly HorizontalPodAutoscalerCondition[]

/** The conditions with this one in it; it keeps its time while its status stays. */
export function withCondition(
  conditions: Conditions,
  type: string,
  status: 'True' | 'False',
  { reason, message }: { readonly reason: string; readonly message: string },
  now: number,
): Conditions {
  const before = conditions.find((condition) => condition.type === type)
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(now)
  const condition = { ...before, type, status, reason, message, lastTransitionTime }
  return before === undefined
    ? [...conditions, condition]
    : conditions.map((other) => (other === before ? condition : other))
}

export function isTrue(conditions: Conditions, type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True')
}
