import type { PodDisruptionBudget } from '../../../api/types.generated.ts'
import { formatTime } from '../../../machinery/clock.ts'
import { ApiError, forbidden, tooManyRequests, type StatusCause } from '../../../machinery/errors.ts'
import type { Draft } from '../../../machinery/json.ts'

/** How many evictions may wait for their pod to go (eviction.go, MaxDisruptedPodSize). */
const maxDisruptedPods = 2000
const causeReason = 'DisruptionBudget'
const refusal = "Cannot evict pod as it would violate the pod's disruption budget."

/** 429 that asks to come again in ten seconds. */
export function violatesBudget(name: string): ApiError {
  return tooManyRequests(refusal, 10, {
    causes: [{ reason: causeReason, message: `The disruption budget ${name} is still being processed by the server.` }],
  })
}

/** Takes one disruption from the budget, or refuses in upstream's words (eviction.go, checkAndDecrement). */
export function decrementBudget(budget: Draft<PodDisruptionBudget>, podName: string, now: number): void {
  const name = budget.metadata?.name ?? ''
  const status = (budget.status ??= {} as NonNullable<typeof budget.status>)
  if ((status.observedGeneration ?? 0) < (budget.metadata?.generation ?? 0)) throw violatesBudget(name)
  const allowed = status.disruptionsAllowed ?? 0
  if (allowed < 0) {
    throw refused(name, 'pdb disruptions allowed is negative', 'pdb disruptions allowed is negative')
  }
  if (Object.keys(status.disruptedPods ?? {}).length > maxDisruptedPods) {
    throw refused(
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
      'too many pending evictions not confirmed by PDB controller',
    )
  }
  if (allowed === 0) {
    throw tooManyRequests(refusal, 0, { causes: [{ reason: causeReason, message: exhausted(budget) }] })
  }
  status.disruptionsAllowed = allowed - 1
  if (status.disruptionsAllowed === 0) denyDisruptions(budget, now)
  status.disruptedPods = { ...status.disruptedPods, [podName]: formatTime(now) }
}

function refused(name: string, why: string, detail: string): ApiError {
  const error = forbidden({ group: 'policy', resource: 'poddisruptionbudget' }, name, why)
  const message = `The disruption budget ${name} does not allow evicting pods currently: ${detail}`
  const causes: StatusCause[] = [{ reason: causeReason, message }]
  return new ApiError({ ...error.status, details: { ...error.status.details, causes } })
}

function exhausted(budget: Draft<PodDisruptionBudget>): string {
  const name = budget.metadata?.name ?? ''
  const { conditions = [], currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  const condition = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const denied = condition?.status === 'False' && condition.message !== ''
  if (denied && condition.reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${condition.message}`
  }
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  }
  if (denied) {
    return `The disruption budget ${name} does not allow evicting pods currently (${condition.reason}): ${condition.message}`
  }
  return `The disruption budget ${name} does not allow evicting pods currently`
}

/** component-helpers apps/poddisruptionbudget, UpdateDisruptionAllowedCondition with nothing left. */
function denyDisruptions(budget: Draft<PodDisruptionBudget>, now: number): void {
  const status = budget.status!
  const conditions = (status.conditions ??= [])
  const at = conditions.findIndex(({ type }) => type === 'DisruptionAllowed')
  const present = conditions[at]
  const made = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status.observedGeneration,
    lastTransitionTime: present?.status === 'False' ? present.lastTransitionTime : formatTime(now),
    reason: 'InsufficientPods',
    message: '',
  }
  if (at < 0) conditions.push(made)
  else conditions[at] = made
}
