import type { Deployment } from '../../api/types.generated.ts'
import { scaledValue } from '../../machinery/int-or-percent.ts'

/** What a deployment's strategy allows, in pods (deployment/util/deployment_util.go). */

export function wantedReplicas(deployment: Deployment): number {
  return deployment.spec.replicas ?? 1
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
}

/** Pods that may be there beyond the wanted ones. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0
}

/** Wanted pods that may be missing. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = wantedReplicas(deployment)
  if (!isRollingUpdate(deployment) || replicas === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, replicas)
}

/** When both round to nothing, one pod may be missing: surge might not work due to quota. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const replicas = wantedReplicas(deployment)
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = scaledValue(maxSurge, replicas, 'up')
  const unavailable = scaledValue(maxUnavailable, replicas, 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

const noLimit = 2 ** 31 - 1

export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const { progressDeadlineSeconds = noLimit } = deployment.spec
  return progressDeadlineSeconds === noLimit ? undefined : progressDeadlineSeconds * 1000
}

export function historyLimit(deployment: Deployment): number | undefined {
  const { revisionHistoryLimit = noLimit } = deployment.spec
  return revisionHistoryLimit === noLimit ? undefined : revisionHistoryLimit
}
