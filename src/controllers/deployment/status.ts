import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { timeOf } from '../pods/pod-state.ts'
import { allOf, availableOf, replicasOf, type Sets, sum } from './sets.ts'
import { maxUnavailable, progressDeadlineMs, wantedReplicas } from './strategy.ts'

type Conditions = readonly DeploymentCondition[]

export function conditionOf(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function newCondition(
  now: number,
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): DeploymentCondition {
  const time = formatTime(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

/** Nothing changes when status and reason stay the same; the transition keeps its time when the status does. */
export function withCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const present = conditionOf(conditions, condition.type)
  if (present?.status === condition.status && present.reason === condition.reason) return conditions
  const { lastTransitionTime } = present?.status === condition.status ? present : condition
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}
export function withoutCondition(conditions: Conditions, type: string): Conditions {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions
}

/** Says that the deployment is paused or resumed, so that the time it stood still is no lack of progress. */
export function pausedConditions(deployment: Deployment, conditions: Conditions, now: number): Conditions {
  if (progressDeadlineMs(deployment) === undefined) return conditions
  const progressing = conditionOf(conditions, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return conditions
  const said = progressing?.reason === 'DeploymentPaused'
  if (deployment.spec.paused && !said) {
    const paused = newCondition(now, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    return withCondition(conditions, paused)
  }
  if (!deployment.spec.paused && said) {
    const resumed = newCondition(now, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
    return withCondition(conditions, resumed)
  }
  return conditions
}

/** Counts and availability (sync.go calculateStatus). */
export function countedStatus(
  deployment: Deployment,
  sets: Sets,
  conditions: Conditions,
  now: number,
): DeploymentStatus & { readonly conditions: Conditions } {
  const all = allOf(sets)
  const wanted = wantedReplicas(deployment)
  const available = sum(all, availableOf)
  const enough = available >= wanted - maxUnavailable(deployment)
  const availability = enough
    ? newCondition(now, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : newCondition(
        now,
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      )
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(all, (set) => set.status?.replicas),
    updatedReplicas: sets.current?.status?.replicas ?? 0,
    readyReplicas: sum(all, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, replicasOf) - available),
    terminatingReplicas: terminating(all),
    collisionCount: deployment.status?.collisionCount,
    conditions: withCondition(conditions, availability),
  }
}

/** Unknown as long as a set that was seen by its controller does not say. */
function terminating(sets: readonly ReplicaSet[]): number | undefined {
  const seen = sets.filter((set) => set.status?.observedGeneration)
  if (seen.some((set) => set.status.terminatingReplicas === undefined)) return undefined
  return sum(seen, (set) => set.status.terminatingReplicas)
}

/** All wanted pods are of the present template and available, and no other is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined) => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  )
}

/** Counts, availability, progress and failures (progress.go syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  sets: Sets,
  conditions: Conditions,
  now: number,
): DeploymentStatus & { readonly conditions: Conditions } {
  const counted = countedStatus(deployment, sets, conditions, now)
  const deadline = progressDeadlineMs(deployment)
  let next = counted.conditions
  if (deadline === undefined) next = withoutCondition(next, 'Progressing')
  else next = progressConditions(deployment, sets, counted, deadline, now)
  const failure = failureOf(sets)
  next = failure === undefined ? withoutCondition(next, 'ReplicaFailure') : withCondition(next, failure)
  return { ...counted, conditions: next }
}

function progressConditions(
  deployment: Deployment,
  { current }: Sets,
  status: DeploymentStatus & { readonly conditions: Conditions },
  deadlineMs: number,
  now: number,
): Conditions {
  const { conditions } = status
  const progressing = conditionOf(conditions, 'Progressing')
  if (status.replicas === status.updatedReplicas && progressing?.reason === 'NewReplicaSetAvailable') return conditions
  const subject =
    current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`
  const say = (status: 'True' | 'False', reason: string, message: string) =>
    newCondition(now, 'Progressing', status, reason, `${subject} ${message}`)
  if (isComplete(deployment, status)) {
    return withCondition(conditions, say('True', 'NewReplicaSetAvailable', 'has successfully progressed.'))
  }
  if (hasProgressed(deployment.status, status)) {
    const condition = say('True', 'ReplicaSetUpdated', 'is progressing.')
    const { lastTransitionTime } = progressing?.status === 'True' ? progressing : condition
    return [...withoutCondition(conditions, 'Progressing'), { ...condition, lastTransitionTime }]
  }
  if (hasTimedOut(progressing, deadlineMs, now)) {
    return withCondition(conditions, say('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'))
  }
  return conditions
}

function hasTimedOut(progressing: DeploymentCondition | undefined, deadlineMs: number, now: number): boolean {
  if (progressing === undefined || progressing.reason === 'NewReplicaSetAvailable') return false
  if (progressing.reason === 'ProgressDeadlineExceeded') return true
  return (timeOf(progressing.lastUpdateTime) ?? 0) + deadlineMs < now
}

/** In how many ms to see whether the deadline has passed; undefined when nothing is awaited (requeueStuckDeployment). */
export function progressCheckMs(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const deadline = progressDeadlineMs(deployment)
  const progressing = conditionOf(status.conditions, 'Progressing')
  if (deadline === undefined || progressing === undefined) return undefined
  if (isComplete(deployment, status) || progressing.reason === 'ProgressDeadlineExceeded') return undefined
  // A second more, since timestamps have no milliseconds.
  return Math.max(1000, (timeOf(progressing.lastUpdateTime) ?? now) + deadline - now + 1000)
}

/** The failure of the present set, else of any. */
function failureOf(sets: Sets): DeploymentCondition | undefined {
  const ordered = sets.current === undefined ? sets.old : [sets.current, ...sets.old]
  for (const set of ordered) {
    const found = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
    if (found === undefined) continue
    const { type, status, lastTransitionTime, reason, message } = found
    return { type, status, lastTransitionTime, lastUpdateTime: lastTransitionTime, reason, message }
  }
  return undefined
}
