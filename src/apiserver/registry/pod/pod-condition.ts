import type { Pod, PodCondition } from '../../../api/types.generated.ts'
import { formatTime } from '../../../machinery/clock.ts'
import type { Draft } from '../../../machinery/json.ts'

/** Sets a condition; its transition time moves with its status only (pkg/api/pod/util.go, UpdatePodCondition). */
export function setPodCondition(draft: Draft<Pod>, condition: Draft<PodCondition>, now: number): void {
  const status = (draft.status ??= {})
  const conditions = (status.conditions ??= [])
  const at = conditions.findIndex(({ type }) => type === condition.type)
  const present = conditions[at]
  const lastTransitionTime = present?.status === condition.status ? present.lastTransitionTime : formatTime(now)
  const made = { ...condition, lastTransitionTime }
  if (at < 0) conditions.push(made)
  else conditions[at] = made
}
