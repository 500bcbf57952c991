import type { Deployment, ReplicaSet } from '../../api/types.generated.ts'
import { scaledValue } from '../../machinery/int-or-percent.ts'
import { countAnnotation, desiredAnnotation, maxReplicasAnnotation } from './annotations.ts'
import { allOf, availableOf, byAge, isActive, replicasOf, type Sets, sum } from './sets.ts'
import { isRollingUpdate, maxSurge, maxUnavailable, wantedReplicas } from './strategy.ts'

/** New sizes by set; a set that is not named stays as it is. */
export type Sizes = ReadonlyMap<ReplicaSet, number>

/** The deployment's size was changed since its sets were last scaled. */
export function isScalingEvent(deployment: Deployment, sets: Sets): boolean {
  return allOf(sets).some((set) => {
    const desired = isActive(set) ? countAnnotation(set, desiredAnnotation) : undefined
    return desired !== undefined && desired !== wantedReplicas(deployment)
  })
}

/** How large the set of the present template may be now (NewRSNewReplicas). `size`: what it has. */
export function newSetSize(deployment: Deployment, total: number, size: number): number {
  const wanted = wantedReplicas(deployment)
  if (!isRollingUpdate(deployment)) return wanted
  const surge = scaledValue(deployment.spec.strategy?.rollingUpdate?.maxSurge ?? '25%', wanted, 'up')
  const room = wanted + surge - total
  return room <= 0 ? size : size + Math.min(room, wanted - size)
}

/**
 * Sizes after the deployment was scaled, or while it is paused: in proportion, so that a rollout under way goes neither
 * faster nor slower (sync.go scale). Sets that only need new annotations are named, too.
 */
export function scaledSizes(deployment: Deployment, sets: Sets): Sizes {
  const wanted = wantedReplicas(deployment)
  const only = activeOrLatest(sets)
  if (only !== undefined) return new Map(replicasOf(only) === wanted ? [] : [[only, wanted]])
  const { current, old } = sets
  if (current !== undefined && isSaturated(deployment, current)) {
    return new Map(old.filter(isActive).map((set) => [set, 0] as const))
  }
  return isRollingUpdate(deployment) ? proportionalSizes(deployment, sets) : new Map()
}

function activeOrLatest(sets: Sets): ReplicaSet | undefined {
  const active = allOf(sets).filter(isActive)
  if (active.length > 1) return undefined
  return active[0] ?? sets.current ?? [...sets.old].sort(byAge).at(-1)
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = wantedReplicas(deployment)
  const desired = countAnnotation(set, desiredAnnotation)
  return replicasOf(set) === wanted && desired === wanted && availableOf(set) === wanted
}

function proportionalSizes(deployment: Deployment, sets: Sets): Sizes {
  const wanted = wantedReplicas(deployment)
  const active = allOf(sets).filter(isActive)
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0
  const toAdd = allowed - sum(active, replicasOf)
  // Large before small; of equals the newer grows first and the older shrinks first.
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of sorted) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, toAdd, added)
    sizes.set(set, replicasOf(set) + share)
    added += share
  }
  const [largest] = sorted
  if (largest !== undefined && toAdd !== 0) sizes.set(largest, Math.max(0, sizes.get(largest)! + toAdd - added))
  return sizes
}

function shareOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (replicasOf(set) === 0 || toAdd === added) return 0
  const fraction = fractionOf(deployment, set)
  const left = toAdd - added
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const wanted = wantedReplicas(deployment)
  const size = replicasOf(set)
  if (wanted === 0) return -size
  const before = countAnnotation(set, maxReplicasAnnotation) || deployment.status?.replicas || 0
  if (before === 0) return 0
  return roundHalfAway((size * (wanted + maxSurge(deployment))) / before) - size
}

function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/** A set that was made smaller a moment ago may still report the pods that it is about to lose; upstream counts them. */
function remainingAvailable(set: ReplicaSet): number {
  return Math.min(availableOf(set), replicasOf(set))
}

/** The next sizes of a rolling update: grow the new set, and when it cannot, shrink old ones (rolling.go). */
export function rolledSizes(deployment: Deployment, sets: Sets & { readonly current: ReplicaSet }): Sizes {
  const { current, old } = sets
  const wanted = wantedReplicas(deployment)
  const size = replicasOf(current)
  const all = allOf(sets)
  const total = sum(all, replicasOf)
  const next = size > wanted ? wanted : newSetSize(deployment, total, size)
  if (next !== size) return new Map([[current, next]])

  const active = old.filter(isActive)
  if (active.length === 0) return new Map()
  const minAvailable = wanted - maxUnavailable(deployment)
  const newUnavailable = size - remainingAvailable(current)
  const room = total - minAvailable - newUnavailable
  if (room <= 0) return new Map()

  // Unhealthy pods first: they help nobody and would block the rollout.
  const sizes = new Map<ReplicaSet, number>()
  let cleaned = 0
  for (const set of active) {
    if (cleaned >= room) break
    const unhealthy = Math.min(room - cleaned, replicasOf(set) - availableOf(set))
    if (unhealthy <= 0) continue
    sizes.set(set, replicasOf(set) - unhealthy)
    cleaned += unhealthy
  }
  let surplus = sum(all, remainingAvailable) - minAvailable
  for (const set of active) {
    if (surplus <= 0) break
    const left = sizes.get(set) ?? replicasOf(set)
    const fewer = Math.min(left, surplus)
    if (fewer === 0) continue
    sizes.set(set, left - fewer)
    surplus -= fewer
  }
  return sizes
}
